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
