(* Chapter 3, "The softmax Jacobian".

   "jacobian K z M" says that M a b is the derivative of π_a with respect to z_b, for all K actions a and b. *)

Require Import Derivatives.

(* eq-log-softmax 3022d22e for every K *)
Theorem log_softmax : forall K z a, a ∈ K -> let π := softmax K z in
  ln (π a) = z a - ln (Σ c ∈ K, exp (z c)).
Proof.
  intros K z a Ha π. unfold π, softmax. pose proof (sum_exp_pos K z a Ha).
  rewrite ln_div, ln_exp by (easy || apply exp_pos). easy.
Qed.

(* refuted: log forgotten *)
Theorem log_softmax_wrong : ~ forall K z a, a ∈ K -> let π := softmax K z in
  ln (π a) = z a - (Σ c ∈ K, exp (z c)).
Proof.
  intros H. specialize (H 1%nat (fun _ => 0) 0%nat ltac:(lia)). cbv zeta in H.
  rewrite softmax_even in H. cbn [sum INR] in H. rewrite Rinv_1, ln_1, exp_0 in H. lra.
Qed.

(* eq-logsumexp-gradient 89a90b57 for every K *)
Theorem logsumexp_gradient : forall K z b, b ∈ K -> let π := softmax K z in
  ∂ (ln (Σ c ∈ K, exp (z c))) /∂ z[b] = exp (z b) / (Σ c ∈ K, exp (z c)) /\
  exp (z b) / (Σ c ∈ K, exp (z c)) = π b.
Proof.
  intros K z b Hb π. split; [|easy]. pose proof (sum_exp_pos K z b Hb). eapply D_eq.
  - apply (D_ln (fun x => Σ c ∈ K, exp (put z b x c))); [now rewrite put_same|now apply D_sum_exp].
  - rewrite put_same. unfold Rdiv. ring.
Qed.

(* refuted: not normalised *)
Theorem logsumexp_gradient_wrong : ~ forall K z b, b ∈ K ->
  ∂ (ln (Σ c ∈ K, exp (z c))) /∂ z[b] = exp (z b).
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) 0%nat ltac:(lia)).
  pose proof (D_unique _ _ _ _ H (proj1 (logsumexp_gradient 2 (fun _ => 0) 0 ltac:(lia)))) as Q.
  cbn [sum] in Q. rewrite exp_0 in Q. lra.
Qed.

(* eq-softmax-jacobian e12afc79 for every K *)
Theorem softmax_jacobian : forall K z a b, b ∈ K -> let π := softmax K z in
  ∂ (softmax K z a) /∂ z[b] = π a * (δ a b - π b).
Proof. intros. now apply D_softmax. Qed.

(* refuted: second index a *)
Theorem softmax_jacobian_wrong : ~ forall K z a b, b ∈ K -> let π := softmax K z in
  ∂ (softmax K z a) /∂ z[b] = π a * (δ a b - π a).
Proof.
  intros H. specialize (H 2%nat log_third 0%nat 1%nat ltac:(lia)).
  derivatives_differ H (D_softmax 2 log_third 0 1 ltac:(lia)).
Qed.

(* Logits with which the policy is (0.5, 0.1, 0.1, 0.1, 0.1, 0.1). *)
(* eq-softmax-matrix 5ecbcef1 for the example *)
Theorem softmax_matrix : forall M, jacobian 6 (fun a => ln (example a)) M ->
  M 0%nat 0%nat = 0.25 /\
  (forall a, a ∈ 6 -> a <> 0%nat -> M a a = 0.09 /\ M 0%nat a = -0.05 /\ M a 0%nat = -0.05) /\
  (forall a b, a ∈ 6 -> b ∈ 6 -> a <> 0%nat -> b <> 0%nat -> a <> b -> M a b = -0.01).
Proof.
  intros M H.
  assert (HM : forall a b, a ∈ 6 -> b ∈ 6 -> M a b = example a * (δ a b - example b)).
  { intros a b Ha Hb. now rewrite (jacobian_is _ _ _ a b H), !softmax_of by (easy || apply example_policy). }
  repeat split; intros; rewrite HM by lia; unfold example.
  - rewrite δ_same. lra.
  - rewrite δ_same. destruct a; [easy|lra].
  - rewrite δ_other by auto. destruct a; [easy|lra].
  - rewrite δ_other by auto. destruct a; [easy|lra].
  - rewrite δ_other by auto. destruct a, b; easy || lra.
Qed.

(* refuted: π_a² on the diagonal *)
Theorem softmax_matrix_wrong : ~ forall M, jacobian 6 (fun a => ln (example a)) M ->
  forall a, a ∈ 6 -> a <> 0%nat -> M a a = 0.01.
Proof.
  intros H. specialize (H _ (jacobian_has _ _) 1%nat ltac:(lia) ltac:(lia)). cbv beta in H.
  rewrite softmax_of in H by (lia || apply example_policy). differs H.
Qed.

(* eq-jacobian-outer 90f645f8 for every K *)
Theorem jacobian_outer : forall K z M a b, jacobian K z M -> a ∈ K -> b ∈ K -> let π := softmax K z in
  M a b = δ a b * π a - π a * π b /\ M a b = M b a.
Proof.
  intros K z M a b H Ha Hb π. rewrite !(jacobian_is K z M _ _ H) by easy. fold π. split; [ring|].
  unfold δ. rewrite Nat.eqb_sym. destruct (Nat.eqb_spec b a) as [->|]; ring.
Qed.

(* refuted: sign of π πᵀ *)
Theorem jacobian_outer_wrong : ~ forall K z M a b, jacobian K z M -> a ∈ K -> b ∈ K -> let π := softmax K z in
  M a b = δ a b * π a + π a * π b.
Proof.
  intros H. specialize (H 2%nat log_third _ 0%nat 0%nat (jacobian_has _ _) ltac:(lia) ltac:(lia)). differs H.
Qed.

(* eq-jacobian-sums ec31df09 for every K *)
Theorem jacobian_sums : forall K z M, jacobian K z M ->
  (forall a, a ∈ K -> Σ b ∈ K, M a b = 0) /\ (forall b, b ∈ K -> Σ a ∈ K, M a b = 0).
Proof.
  intros K z M H. set (π := softmax K z).
  assert (Hrow : forall a, a ∈ K -> Σ b ∈ K, M a b = 0).
  { intros a Ha. rewrite (sum_2 K _ 1 (fun b => δ b a * π a) (- π a) π).
    - rewrite (sum_δ K a (fun _ => π a) Ha), policy_sum; [ring|apply softmax_policy; lia].
    - intros b Hb. rewrite (jacobian_is K z M a b H Ha Hb), δ_sym. fold π. ring. }
  split; [exact Hrow|]. intros b Hb. rewrite <- (Hrow b Hb). apply sum_ext. intros a Ha.
  now apply (jacobian_outer K z M a b H).
Qed.

(* refuted: rows divided by π *)
Theorem jacobian_sums_wrong : ~ forall K z M, jacobian K z M -> let π := softmax K z in
  forall b, b ∈ K -> Σ a ∈ K, M a b / π a = 0.
Proof.
  intros H. specialize (H 2%nat log_third _ (jacobian_has _ _) 0%nat ltac:(lia)). differs H.
Qed.

(* eq-slip-row-sum 80841912 for every K *)
Theorem slip_row_sum : forall K π a, a ∈ K -> Σ b ∈ K, π a * (δ a b - π a) = π a * (1 - INR K * π a).
Proof.
  intros K π a Ha. rewrite (sum_2 K _ 1 (fun b => δ b a * π a) (- (π a * π a)) (fun _ => 1)).
  - rewrite (sum_δ K a (fun _ => π a) Ha), sum_const. ring.
  - intros b _. rewrite δ_sym. ring.
Qed.

(* refuted: zero, as it should be *)
Theorem slip_row_sum_wrong : ~ forall K π a, policy K π -> a ∈ K -> Σ b ∈ K, π a * (δ a b - π a) = 0.
Proof. intros H. specialize (H 2%nat third 0%nat third_policy ltac:(lia)). differs H. Qed.

(* Rows c and d of the Jacobian; u is the sum of the squares of all other probabilities. *)
(* eq-row-likelier 945cf318 for every K *)
Theorem row_likelier : forall K z M c d, jacobian K z M -> c ∈ K -> d ∈ K -> c <> d ->
  let π := softmax K z in let p := π c in let q := π d in let t := p + q in
  let u := Σ e ∈ K, (1 - δ e c) * (1 - δ e d) * π e ^ 2 in
  norm2 K (M c) - norm2 K (M d) = (p - q) * (t * (1 - t) ^ 2 + 2 * p * q * (1 - t) + t * u).
Proof.
  intros K z M c d H Hc Hd Hcd π p q t u.
  assert (Hrow : forall a, a ∈ K -> norm2 K (M a) = π a ^ 2 * (1 - 2 * π a + norm2 K π)).
  { intros a Ha. unfold norm2.
    rewrite (sum_2 K _ (π a ^ 2) (fun b => δ b a * (1 - 2 * π b)) (π a ^ 2) (fun b => π b ^ 2)), sum_δ; [ring|easy|].
    intros b Hb. rewrite (jacobian_is K z M a b H Ha Hb), δ_sym. fold π. pose proof (δ_square b a) as Hδ.
    transitivity (π a ^ 2 * (δ b a * δ b a - 2 * δ b a * π b + π b ^ 2)); [ring|rewrite Hδ; ring]. }
  assert (Hu : norm2 K π = p ^ 2 + q ^ 2 + u).
  { unfold norm2, u. rewrite (sum_3 K (fun e => (1 - δ e c) * (1 - δ e d) * π e ^ 2) 1 (fun e => π e ^ 2)
      (-1) (fun e => δ e c * π e ^ 2) (-1) (fun e => δ e d * π e ^ 2)).
    - rewrite !sum_δ by easy. fold p q. ring.
    - intros e _. replace (1 * π e ^ 2 + _ + _) with ((1 - δ e c - δ e d) * π e ^ 2) by ring. f_equal.
      unfold δ. destruct (Nat.eqb_spec e c), (Nat.eqb_spec e d); subst; easy || ring. }
  rewrite !Hrow, Hu by easy. fold p q. unfold t. ring.
Qed.

(* refuted: other actions forgotten *)
Theorem row_likelier_wrong : ~ forall K z M c d, jacobian K z M -> c ∈ K -> d ∈ K -> c <> d ->
  let π := softmax K z in let p := π c in let q := π d in let t := p + q in
  norm2 K (M c) - norm2 K (M d) = (p - q) * (t * (1 - t) ^ 2 + 2 * p * q * (1 - t)).
Proof.
  intros H. specialize (H 6%nat (fun a => ln (example a)) _ 0%nat 1%nat (jacobian_has _ _)).
  specialize (H ltac:(lia) ltac:(lia) ltac:(lia)). cbv zeta beta in H. unfold norm2 in H. cbn [sum] in H.
  rewrite !(softmax_of 6 example) in H by (apply example_policy || lia). differs H.
Qed.

(* eq-jacobian-covariance 114c61de for every K *)
Theorem jacobian_covariance : forall K z M a b, jacobian K z M -> a ∈ K -> b ∈ K -> let π := softmax K z in
  E c ∼ π ∈ K, (δ c a - π a) * (δ c b - π b) = M a b.
Proof.
  intros K z M a b H Ha Hb π. rewrite (jacobian_is K z M a b H Ha Hb). fold π.
  rewrite (sum_3 K _ 1 (fun c => δ c a * (π c * (δ c b - π b))) (- π a) (fun c => δ c b * π c) (π a * π b) π),
    !sum_δ, policy_sum by (easy || (apply softmax_policy; lia) || (intros; ring)). ring.
Qed.

(* refuted: mean not subtracted *)
Theorem jacobian_covariance_wrong : ~ forall K z M a b, jacobian K z M -> a ∈ K -> b ∈ K -> let π := softmax K z in
  E c ∼ π ∈ K, δ c a * δ c b = M a b.
Proof.
  intros H. specialize (H 2%nat log_third _ 0%nat 0%nat (jacobian_has _ _) ltac:(lia) ltac:(lia)). differs H.
Qed.

(* vᵀ M v *)
Definition form (K : nat) (M : nat -> nat -> R) (v : nat -> R) : R := Σ a ∈ K, v a * (Σ b ∈ K, M a b * v b).

Lemma jvp K z M v a : jacobian K z M -> a ∈ K -> let π := softmax K z in
  Σ b ∈ K, M a b * v b = π a * (v a - (Σ c ∈ K, π c * v c)).
Proof.
  intros H Ha π. rewrite (sum_2 K _ (π a) (fun b => δ b a * v b) (- π a) (fun b => π b * v b)), sum_δ; [ring|easy|].
  intros b Hb. rewrite (jacobian_is K z M a b H Ha Hb), δ_sym. fold π. ring.
Qed.

(* eq-jacobian-variance 1685c11f for every K *)
Theorem jacobian_variance : forall K z M v, jacobian K z M -> let π := softmax K z in
  form K M v = Var K π v.
Proof.
  intros K z M v H π. unfold form, Var. destruct K as [|k]; [easy|]. set (K := S k) in *.
  assert (Hs : sum K π = 1) by (apply policy_sum, softmax_policy; unfold K; lia). set (m := Σ b ∈ K, π b * v b).
  rewrite (sum_2 K _ 1 (fun a => π a * v a ^ 2) (- m) (fun a => π a * v a)).
  - rewrite (sum_3 K (fun a => π a * (v a - m) ^ 2) 1 (fun a => π a * v a ^ 2) (- 2 * m) (fun a => π a * v a)
      (m ^ 2) π) by (intros; ring). rewrite Hs. fold m. ring.
  - intros a Ha. rewrite (jvp K z M v a H Ha). fold π m. ring.
Qed.

(* refuted: second moment *)
Theorem jacobian_variance_wrong : ~ forall K z M v, jacobian K z M -> let π := softmax K z in
  form K M v = E a ∼ π ∈ K, v a ^ 2.
Proof.
  intros H. specialize (H 2%nat log_third _ (fun _ => 1) (jacobian_has _ _)). unfold form in H. differs H.
Qed.

(* M v = 0 exactly if v is a multiple of the vector of ones. *)
(* thm-softmax-rank 88ff1800 for every K *)
Theorem softmax_rank : forall K z M v, jacobian K z M ->
  (forall a, a ∈ K -> Σ b ∈ K, M a b * v b = 0) <-> (exists c, forall a, a ∈ K -> v a = c).
Proof.
  intros K z M v H. set (π := softmax K z). split.
  - intros H0. exists (Σ c ∈ K, π c * v c). intros a Ha. specialize (H0 a Ha).
    rewrite (jvp K z M v a H Ha) in H0. fold π in H0.
    assert (0 < π a) by (apply softmax_pos; lia). apply Rmult_integral in H0 as [|]; lra.
  - intros [c Hc] a Ha. rewrite (jvp K z M v a H Ha). fold π. rewrite (sum_ext K _ (fun b => π b * c)).
    + rewrite (mean_const K π c) by (apply softmax_policy; lia). rewrite Hc by easy. ring.
    + intros b Hb. now rewrite Hc.
Qed.

(* refuted: only v = 0 *)
Theorem softmax_rank_wrong : ~ forall K z M v, jacobian K z M ->
  (forall a, a ∈ K -> Σ b ∈ K, M a b * v b = 0) -> forall a, a ∈ K -> v a = 0.
Proof.
  intros H. specialize (H 2%nat log_third _ (fun _ => 1) (jacobian_has _ _)).
  assert (1 = 0) as Q; [|lra]. refine (H _ 0%nat ltac:(lia)).
  apply (softmax_rank 2 log_third); [apply jacobian_has|]. now exists 1.
Qed.

(* A matrix has rank n if its first n columns are independent and every column is a combination of them. *)
Definition first_columns_span (K : nat) (M : nat -> nat -> R) (n : nat) : Prop :=
  (forall c, (forall a, a ∈ K -> Σ b ∈ n, M a b * c b = 0) -> forall b, b ∈ n -> c b = 0) /\
  (forall b, b ∈ K -> exists c, forall a, a ∈ K -> M a b = Σ d ∈ n, M a d * c d).

(* eq-jacobian-rank 576043a9 for every K *)
Theorem jacobian_rank : forall K z M, (1 <= K)%nat -> jacobian K z M -> first_columns_span K M (K - 1).
Proof.
  intros K z M HK H. destruct K as [|n]; [lia|]. replace (S n - 1)%nat with n by lia. split.
  - intros c H0 b Hb. set (v := fun d => if Nat.eqb d n then 0 else c d).
    assert (Hv : forall d, d ∈ n -> v d = c d).
    { intros d Hd. unfold v. destruct (Nat.eqb_spec d n); [lia|easy]. }
    destruct (proj1 (softmax_rank (S n) z M v H)) as [x Hx].
    + intros a Ha. simpl. rewrite (sum_ext n _ (fun d => M a d * c d)), H0 by (easy || intros; now rewrite Hv).
      unfold v. rewrite Nat.eqb_refl. ring.
    + rewrite <- Hv, Hx by lia. rewrite <- (Hx n) by lia. unfold v. now rewrite Nat.eqb_refl.
  - intros b Hb. destruct (Nat.eq_dec b n) as [->|Hne].
    + exists (fun _ => -1). intros a Ha. pose proof (proj1 (jacobian_sums (S n) z M H) a Ha) as Hs. simpl in Hs.
      rewrite (sum_1 n _ (-1) (fun d => M a d)) by (intros; ring). lra.
    + exists (fun d => δ d b). intros a Ha. rewrite (sum_ext n _ (fun d => δ d b * M a d)) by (intros; ring).
      now rewrite sum_δ by lia.
Qed.

(* refuted: full rank *)
Theorem jacobian_rank_wrong : ~ forall K z M, (1 <= K)%nat -> jacobian K z M -> first_columns_span K M K.
Proof.
  intros H. destruct (H 2%nat log_third _ ltac:(lia) (jacobian_has _ _)) as [Hi _].
  assert (1 = 0) as Q; [|lra]. apply (Hi (fun _ => 1)) with 0%nat; [|lia].
  apply (softmax_rank 2 log_third); [apply jacobian_has|]. now exists 1.
Qed.

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

(* eq-softmax-jvp d3bb658f for every K *)
Theorem softmax_jvp : forall K z M v a, jacobian K z M -> a ∈ K -> let π := softmax K z in
  Σ b ∈ K, M a b * v b = π a * (v a - (Σ c ∈ K, π c * v c)).
Proof. intros. now apply jvp. Qed.

(* refuted: average forgotten *)
Theorem softmax_jvp_wrong : ~ forall K z M v a, jacobian K z M -> a ∈ K -> let π := softmax K z in
  Σ b ∈ K, M a b * v b = π a * v a.
Proof.
  intros H. specialize (H 2%nat log_third _ (fun _ => 1) 0%nat (jacobian_has _ _) ltac:(lia)). differs H.
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

(* eq-temperature 5aad75d1 for every K and T *)
Theorem temperature : forall K z T a b, b ∈ K -> 0 < T -> let π := softmax K (fun c => z c / T) in
  ∂ (softmax K (fun c => z c / T) a) /∂ z[b] = 1 / T * (π a * (δ a b - π b)).
Proof.
  intros K z T a b Hb HT π.
  assert (HS : 0 < Σ c ∈ K, exp (z c / T)) by (apply (sum_exp_pos K (fun c => z c / T) b Hb)).
  unfold softmax. eapply D_eq; [derive; try rewrite put_same; lra|]. cbv beta. rewrite !put_same.
  replace (Σ c ∈ K, exp (z c / T) * ((δ c b * T - z c * 0) / T ^ 2)) with (exp (z b / T) / T).
  2: { rewrite <- (sum_δ K b (fun c => exp (z c / T) / T) Hb). apply sum_ext. intros. field. lra. }
  unfold π, softmax. field. lra.
Qed.

(* refuted: 1/T forgotten *)
Theorem temperature_wrong : ~ forall K z T a b, b ∈ K -> 0 < T -> let π := softmax K (fun c => z c / T) in
  ∂ (softmax K (fun c => z c / T) a) /∂ z[b] = π a * (δ a b - π b).
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) 2 0%nat 0%nat ltac:(lia) ltac:(lra)).
  pose proof (D_unique _ _ _ _ H (temperature 2 (fun _ => 0) 2 0 0 ltac:(lia) ltac:(lra))) as Q.
  cbv beta zeta in Q. replace (fun _ : nat => 0 / 2) with (fun _ : nat => 0) in Q
    by (apply FunctionalExtensionality.functional_extensionality; intros; lra). differs Q.
Qed.

(* eq-logsumexp-shift 9eb0a255 for every K *)
Theorem logsumexp_shift : forall K z m, (1 <= K)%nat ->
  ln (Σ b ∈ K, exp (z b)) = m + ln (Σ b ∈ K, exp (z b - m)).
Proof.
  intros K z m HK. pose proof (sum_exp_pos K (fun b => z b - m) 0 HK) as HS.
  rewrite (sum_1 K (fun b => exp (z b)) (exp m) (fun b => exp (z b - m))).
  - rewrite ln_mult, ln_exp by (easy || apply exp_pos). easy.
  - intros. rewrite <- exp_plus. f_equal. ring.
Qed.

(* refuted: m subtracted *)
Theorem logsumexp_shift_wrong : ~ forall K z m, (1 <= K)%nat ->
  ln (Σ b ∈ K, exp (z b)) = - m + ln (Σ b ∈ K, exp (z b - m)).
Proof.
  intros H. specialize (H 1%nat (fun _ => 1) 1 ltac:(lia)). cbn [sum] in H.
  rewrite !Rplus_0_l, !ln_exp in H. lra.
Qed.
