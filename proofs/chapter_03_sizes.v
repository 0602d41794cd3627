(* Chapter 3, "The softmax Jacobian": how large it is, and how far the policy moves. *)

Require Import Derivatives chapter_03.

(* For a symmetric matrix the largest eigenvalue is the largest value of vᵀ M v over all vectors of length 1. *)
Definition largest_eigenvalue (K : nat) (M : nat -> nat -> R) (l : R) : Prop :=
  (exists v, norm2 K v = 1 /\ form K M v = l) /\ (forall v, norm2 K v = 1 -> form K M v <= l).

Lemma form_bound K z M v B : jacobian K z M -> let π := softmax K z in
  (forall a, a ∈ K -> π a * (1 - π a) <= B) -> form K M v <= 2 * B * norm2 K v.
Proof.
  intros H π HB. destruct K as [|k]; [unfold form, norm2; simpl; lra|]. set (K := S k) in *.
  assert (Hπ : policy K π) by (apply softmax_policy; unfold K; lia). pose proof (policy_sum K π Hπ) as Hs.
  assert (Hv : form K M v = (Σ a ∈ K, π a * v a ^ 2) - (Σ a ∈ K, π a * v a) ^ 2).
  { rewrite (jacobian_variance K z M v H). fold π. unfold Var. set (m := Σ b ∈ K, π b * v b).
    rewrite (sum_3 K _ 1 (fun a => π a * v a ^ 2) (- 2 * m) (fun a => π a * v a) (m ^ 2) π), Hs by (intros; ring).
    fold m. ring. }
  (* Twice the variance is the mean of (v_a − v_b)² over two draws, and (x − y)² ≤ 2 x² + 2 y². *)
  assert (Hpair : 2 * form K M v = Σ a ∈ K, (Σ b ∈ K, π a * π b * (v a - v b) ^ 2)).
  { rewrite Hv. set (m := Σ a ∈ K, π a * v a). set (m2 := Σ a ∈ K, π a * v a ^ 2).
    rewrite (sum_3 K _ 1 (fun a => π a * v a ^ 2) (-2 * m) (fun a => π a * v a) m2 π).
    - rewrite Hs. fold m m2. ring.
    - intros a _. rewrite (sum_3 K _ (π a * v a ^ 2) π (-2 * π a * v a) (fun b => π b * v b) (π a)
        (fun b => π b * v b ^ 2)) by (intros; ring). rewrite Hs. fold m m2. ring. }
  assert (Hle : Σ a ∈ K, (Σ b ∈ K, π a * π b * (v a - v b) ^ 2) <=
    Σ a ∈ K, (Σ b ∈ K, π a * π b * (1 - δ b a) * (2 * v a ^ 2 + 2 * v b ^ 2))).
  { apply sum_le. intros a Ha. apply sum_le. intros b Hb.
    assert (0 < π a * π b) by (apply Rmult_lt_0_compat; now apply Hπ). unfold δ.
    destruct (Nat.eqb_spec b a) as [->|]; [nra|]. rewrite Rminus_0_r, Rmult_1_r.
    apply Rmult_le_compat_l; [lra|]. pose proof (pow2_ge_0 (v a + v b)). nra. }
  assert (Hsum : Σ a ∈ K, (Σ b ∈ K, π a * π b * (1 - δ b a) * (2 * v a ^ 2 + 2 * v b ^ 2)) =
    4 * (Σ a ∈ K, π a * (1 - π a) * v a ^ 2)).
  { set (m2 := Σ a ∈ K, π a * v a ^ 2).
    rewrite (sum_3 K _ 2 (fun a => π a * v a ^ 2) (2 * m2) π (-4) (fun a => π a * π a * v a ^ 2)).
    - rewrite Hs, (sum_2 K (fun a => π a * (1 - π a) * v a ^ 2) 1 (fun a => π a * v a ^ 2)
        (-1) (fun a => π a * π a * v a ^ 2)) by (intros; ring). fold m2. ring.
    - intros a Ha. rewrite (sum_3 K _ (2 * π a * v a ^ 2) π (2 * π a) (fun b => π b * v b ^ 2) (-1)
        (fun b => δ b a * (π a * π b * (2 * v a ^ 2 + 2 * v b ^ 2)))) by (intros; ring).
      rewrite Hs, sum_δ by easy. fold m2. ring. }
  assert (Σ a ∈ K, π a * (1 - π a) * v a ^ 2 <= B * norm2 K v).
  { unfold norm2. rewrite <- sum_scale. apply sum_le. intros a Ha.
    apply Rmult_le_compat_r; [apply pow2_ge_0|now apply HB]. }
  lra.
Qed.

Lemma two_actions z M : jacobian 2 z M -> let π := softmax 2 z in largest_eigenvalue 2 M (2 * (π 0%nat * π 1%nat)).
Proof.
  intros H π. assert (Hf : forall v, form 2 M v = π 0%nat * π 1%nat * (v 0%nat - v 1%nat) ^ 2).
  { intros v. pose proof (policy_sum 2 π (softmax_policy 2 z ltac:(lia))) as Hs. cbn [sum] in Hs.
    unfold form. cbn [sum]. rewrite !(jacobian_is 2 z M _ _ H) by lia. fold π. unfold δ. cbn [Nat.eqb].
    replace (π 1%nat) with (1 - π 0%nat) by lra. ring. }
  assert (Hpos : 0 < π 0%nat * π 1%nat) by (apply Rmult_lt_0_compat; apply softmax_pos; lia).
  pose proof (sqrt_sqrt (1 / 2) ltac:(lra)) as Hr. split.
  - exists (fun a => match a with O => sqrt (1 / 2) | _ => - sqrt (1 / 2) end).
    rewrite Hf. unfold norm2. cbn [sum]. split; [nra|].
    replace ((sqrt (1 / 2) - - sqrt (1 / 2)) ^ 2) with (4 * (sqrt (1 / 2) * sqrt (1 / 2))) by ring. rewrite Hr. lra.
  - intros v Hv. rewrite Hf. unfold norm2 in Hv. cbn [sum] in Hv. pose proof (pow2_ge_0 (v 0%nat + v 1%nat)).
    assert ((v 0%nat - v 1%nat) ^ 2 <= 2) by nra. nra.
Qed.

(* eq-eigenvalue-bound bac2c83a for every K *)
Theorem eigenvalue_bound : forall K z M l, (2 <= K)%nat -> jacobian K z M -> largest_eigenvalue K M l ->
  let π := softmax K z in
  largest K (fun a => π a * (1 - π a)) <= l /\
  l <= 2 * largest K (fun a => π a * (1 - π a)) /\
  2 * largest K (fun a => π a * (1 - π a)) <= 1 / 2.
Proof.
  intros K z M l HK H [[v [Hv Hl]] Hmax] π. set (f := fun a => π a * (1 - π a)). repeat split.
  - destruct (largest_is K f) as (a & Ha & ->); [lia|].
    eapply Rle_trans; [|apply (Hmax (fun b => δ b a))].
    + unfold form. rewrite sum_δ by easy. rewrite (sum_ext K _ (fun b => δ b a * M a b)) by (intros; ring).
      rewrite sum_δ, (jacobian_is K z M a a H Ha Ha), δ_same by easy. right. easy.
    + unfold norm2. rewrite (sum_ext K _ (fun b => δ b a * 1)); [now rewrite sum_δ|].
      intros b _. replace (δ b a ^ 2) with (δ b a * δ b a) by ring. rewrite δ_square. ring.
  - rewrite <- Hl. replace (2 * largest K f) with (2 * largest K f * norm2 K v) by (rewrite Hv; ring).
    apply (form_bound K z M v _ H). intros a Ha. now apply (largest_ge K f).
  - destruct (largest_is K f) as (a & _ & ->); [lia|]. unfold f. pose proof (pow2_ge_0 (π a - 1 / 2)). nra.
Qed.

(* refuted: at most ¼ *)
Theorem eigenvalue_bound_wrong : ~ forall K z M l, (2 <= K)%nat -> jacobian K z M -> largest_eigenvalue K M l ->
  l <= 1 / 4.
Proof.
  intros H. pose proof (H 2%nat (fun _ => 0) _ _ ltac:(lia) (jacobian_has _ _) (two_actions _ _ (jacobian_has _ _))) as Q.
  differs Q.
Qed.

(* The length of a step of the policy, and of the step of the logits that makes it. *)
(* eq-softmax-lipschitz 59807939 for every K *)
Theorem softmax_lipschitz : forall K z z', let π := softmax K z in let π' := softmax K z' in
  sqrt (norm2 K (fun a => π' a - π a)) <= 1 / 2 * sqrt (norm2 K (fun a => z' a - z a)).
Proof.
  intros K z z' π π'. destruct K as [|k]; [simpl; unfold norm2; simpl; rewrite sqrt_0; lra|]. set (K := S k) in *.
  set (w := fun a => π' a - π a). set (v := fun a => z' a - z a).
  set (path := fun t a => z a + t * v a). set (p := fun t => softmax K (path t)).
  assert (HD : forall a t, a ∈ K -> is_derive (fun t => p t a) t (p t a * (v a - (Σ c ∈ K, p t c * v c)))).
  { intros a t Ha. assert (HS : 0 < Σ b ∈ K, exp (z b + t * v b)) by now apply (sum_exp_pos K (path t) a).
    unfold p, softmax, path. eapply D_eq; [derive; lra|]. cbv beta.
    rewrite (sum_1 K (fun c => exp (z c + t * v c) / _ * v c) (/ (Σ b ∈ K, exp (z b + t * v b)))
      (fun c => exp (z c + t * v c) * v c)) by (intros; field; lra).
    replace (Σ c ∈ K, exp (z c + t * v c) * (0 + (1 * v c + t * 0))) with (Σ c ∈ K, exp (z c + t * v c) * v c)
      by (apply sum_ext; intros; ring). field. lra. }
  destruct (MVT_gen (fun t => Σ a ∈ K, w a * p t a) 0 1 (fun t => Σ a ∈ K, w a * (p t a * (v a - (Σ c ∈ K, p t c * v c)))))
    as (t & _ & Ht).
  { intros t _. eapply D_eq; [derive; now apply HD|]. apply sum_ext. intros. ring. }
  { intros t _. apply continuity_pt_filterlim, (ex_derive_continuous (fun t => Σ a ∈ K, w a * p t a)).
    eexists. derive. now apply HD. }
  rewrite Rminus_0_r, Rmult_1_r in Ht.
  assert (Hw : norm2 K w = Σ a ∈ K, w a * (p t a * (v a - (Σ c ∈ K, p t c * v c)))).
  { rewrite <- Ht. rewrite <- sum_minus. apply sum_ext. intros a _. unfold w, p, π, π'.
    replace (path 1) with z'; [replace (path 0) with z|]; [ring| |];
    apply FunctionalExtensionality.functional_extensionality; intros c; unfold path, v; ring. }
  (* With M at this point: (2 w − v)ᵀ M (2 w − v) ≥ 0 and xᵀ M x ≤ ½ ‖x‖². *)
  pose proof (jacobian_has K (path t)) as HM. set (M := fun a b => _) in HM.
  assert (Hb : forall x, form K M x <= 1 / 2 * norm2 K x).
  { intros x. replace (1 / 2) with (2 * (1 / 4)) by lra. apply (form_bound K (path t)); [easy|].
    intros a _. pose proof (pow2_ge_0 (softmax K (path t) a - 1 / 2)). nra. }
  assert (Hf : forall x, form K M x = Σ a ∈ K, x a * (p t a * (x a - (Σ c ∈ K, p t c * x c)))).
  { intros x. apply sum_ext. intros a Ha. now rewrite (jvp K (path t) M x a HM Ha). }
  assert (Hpos : 0 <= form K M (fun a => 2 * w a - v a)).
  { rewrite (jacobian_variance K (path t) M _ HM). apply sum_nonneg. intros a _.
    apply Rmult_le_pos; [left; apply softmax_pos; unfold K; lia|apply pow2_ge_0]. }
  assert (Hexp : form K M (fun a => 2 * w a - v a) =
    4 * form K M w - 4 * (Σ a ∈ K, w a * (p t a * (v a - (Σ c ∈ K, p t c * v c)))) + form K M v).
  { rewrite !Hf. set (mw := Σ c ∈ K, p t c * w c). set (mv := Σ c ∈ K, p t c * v c).
    rewrite (sum_2 K (fun c => p t c * (2 * w c - v c)) 2 (fun c => p t c * w c) (-1) (fun c => p t c * v c)) by (intros; ring).
    fold mw mv.
    rewrite (sum_ext K _ (fun a => 4 * (w a * (p t a * (w a - mw))) + (-2) * (w a * (p t a * (v a - mv)))
      + (-2) * (v a * (p t a * (w a - mw))) + v a * (p t a * (v a - mv)))) by (intros; ring).
    rewrite !sum_plus, !sum_scale.
    assert (Hsym : Σ a ∈ K, v a * (p t a * (w a - mw)) = Σ a ∈ K, w a * (p t a * (v a - mv))).
    { rewrite (sum_2 K _ 1 (fun a => p t a * (v a * w a)) (- mw) (fun a => p t a * v a)) by (intros; ring).
      rewrite (sum_2 K (fun a => w a * _) 1 (fun a => p t a * (v a * w a)) (- mv) (fun a => p t a * w a)) by (intros; ring).
      fold mw mv. ring. }
    rewrite Hsym. ring. }
  pose proof (Hb w). pose proof (Hb v). assert (norm2 K w <= 1 / 4 * norm2 K v) by lra.
  replace (1 / 2 * sqrt (norm2 K v)) with (sqrt (1 / 4 * norm2 K v)); [now apply sqrt_le_1_alt|].
  rewrite sqrt_mult_alt by lra. f_equal. replace (1 / 4) with (1 / 2 * (1 / 2)) by lra. apply sqrt_square. lra.
Qed.

(* refuted: constant ¼ *)
Theorem softmax_lipschitz_wrong : ~ forall K z z', let π := softmax K z in let π' := softmax K z' in
  sqrt (norm2 K (fun a => π' a - π a)) <= 1 / 4 * sqrt (norm2 K (fun a => z' a - z a)).
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) (fun a => match a with O => ln 2 | _ => 0 end)). cbv zeta in H.
  assert (Hln : 0 <= ln 2 <= 9 / 10).
  { split; [rewrite <- ln_1; left; apply ln_increasing; lra|]. rewrite <- (ln_exp (9 / 10)). left.
    apply ln_increasing; [lra|]. pose proof (exp_ineq1 (9 / 20) ltac:(lra)).
    replace (9 / 10) with (9 / 20 + 9 / 20) by lra. rewrite exp_plus. nra. }
  unfold norm2, softmax in H. cbn [sum] in H. rewrite exp_0, exp_ln in H by lra.
  replace (1 / 4) with (sqrt (1 / 16)) in H
    by (replace (1 / 16) with (1 / 4 * (1 / 4)) by lra; apply sqrt_square; lra).
  rewrite <- sqrt_mult_alt in H by lra. apply sqrt_le_0 in H; [nra|nra|].
  apply Rmult_le_pos; [lra|]. nra.
Qed.

(* z_a − z_b ≥ g for all b other than a. *)
(* eq-saturation 51fdef8f for every K *)
Theorem saturation : forall K z M l a g, jacobian K z M -> largest_eigenvalue K M l -> a ∈ K -> 0 <= g ->
  (forall b, b ∈ K -> b <> a -> z a - z b >= g) ->
  l <= 2 * (INR K - 1) * exp (- g).
Proof.
  intros K z M l a g H [[v [Hv <-]] _] Ha Hg0 Hg. set (π := softmax K z).
  assert (Hπ : policy K π) by (apply softmax_policy; lia).
  assert (Hrest : 1 - π a <= (INR K - 1) * exp (- g)).
  { assert (Hb : forall b, b ∈ K -> π b <= exp (- g) + δ b a * (1 - exp (- g)) ).
    { intros b Hb. unfold δ. destruct (Nat.eqb_spec b a) as [->|Hne]; [pose proof (policy_le_1 K π a Hπ Ha); lra|].
      specialize (Hg b Hb Hne). pose proof (sum_exp_pos K z a Ha) as HS. rewrite Rmult_0_l, Rplus_0_r. unfold π, softmax.
      apply Rle_div_l; [lra|]. apply Rle_trans with (exp (- g) * exp (z a)).
      - rewrite <- exp_plus. destruct (Req_dec (z b) (- g + z a)) as [->|]; [lra|left; apply exp_increasing; lra].
      - apply Rmult_le_compat_l; [left; apply exp_pos|]. apply (sum_term_le K (fun c => exp (z c))); [easy|].
        intros. left. apply exp_pos. }
    assert (Hr : Σ b ∈ K, (1 - δ b a) * π b <= Σ b ∈ K, (1 - δ b a) * exp (- g)).
    { apply sum_le. intros b Hb'. specialize (Hb b Hb'). revert Hb. unfold δ. destruct (Nat.eqb_spec b a); lra. }
    rewrite (sum_2 K _ 1 π (-1) (fun b => δ b a * π b)), sum_δ, policy_sum in Hr by (easy || intros; ring).
    rewrite (sum_2 K _ (exp (- g)) (fun _ => 1) (- exp (- g)) (fun b => δ b a * 1)), (sum_δ K a (fun _ => 1)), sum_const in Hr
      by (easy || intros; ring). lra. }
  replace (2 * (INR K - 1) * exp (- g)) with (2 * ((INR K - 1) * exp (- g)) * norm2 K v) by (rewrite Hv; ring).
  apply (form_bound K z M v _ H). intros b Hb. fold π. eapply Rle_trans; [|exact Hrest].
  pose proof (proj1 Hπ b Hb). pose proof (policy_le_1 K π b Hπ Hb).
  destruct (Nat.eq_dec b a) as [->|Hne]; [nra|]. pose proof (policy_pair K π a b Hπ Ha Hb ltac:(auto)). nra.
Qed.

(* refuted: exp(−2g) *)
Theorem saturation_wrong : ~ forall K z M l a g, jacobian K z M -> largest_eigenvalue K M l -> a ∈ K -> 0 <= g ->
  (forall b, b ∈ K -> b <> a -> z a - z b >= g) ->
  l <= 2 * (INR K - 1) * exp (- (2 * g)).
Proof.
  intros H. set (q := fun a => match a with O => 8 / 9 | _ => 1 / 9 end). assert (Hq : policy 2 q) by (unfold q; is_policy).
  pose proof (H 2%nat (fun a => ln (q a)) _ _ 0%nat (ln 8) (jacobian_has _ _) (two_actions _ _ (jacobian_has _ _))
    ltac:(lia)) as Q. cbv zeta in Q. rewrite !(softmax_of 2 q) in Q by (easy || lia).
  replace (- (2 * ln 8)) with (ln (/ 8) + ln (/ 8)) in Q by (rewrite ln_Rinv by lra; ring).
  rewrite exp_plus, exp_ln in Q by lra. unfold q in Q. cbn [INR] in Q.
  enough (8 / 9 * (1 / 9) <= / 8 * / 8) by lra.
  assert (0 <= ln 8) by (rewrite <- ln_1; left; apply ln_increasing; lra).
  enough (2 * (8 / 9 * (1 / 9)) <= 2 * (1 + 1 - 1) * (/ 8 * / 8)) by lra. apply Q; [easy|].
  intros [|[|b]] Hb Hne; [easy| |lia]. right. rewrite <- ln_div by lra. f_equal. lra.
Qed.
