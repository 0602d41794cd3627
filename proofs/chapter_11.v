(* Chapter 11, "Plateaus and the natural gradient". *)

Require Import Derivatives.

(* Two arms; the logits z t move along the gradient of J, with the velocity π_b (r_b − J). *)
(* eq-plateau-speed a610ac61 for all returns *)
Theorem plateau_speed : forall (z : R -> nat -> R) r t, let π := softmax 2 (z t) in
  let J := E a ∼ π ∈ 2, r a in let gap := r 0%nat - r 1%nat in
  (forall b, b ∈ 2 -> is_derive (fun t => z t b) t (π b * (r b - J))) ->
  is_derive (fun t => z t 0%nat - z t 1%nat) t (2 * gap * π 0%nat * π 1%nat).
Proof.
  intros z r t π J gap H. pose proof (policy_sum 2 π (softmax_policy 2 (z t) ltac:(lia))) as Hs. cbn [sum] in Hs.
  eapply D_eq; [apply (D_minus (fun t => z t 0%nat) (fun t => z t 1%nat)); apply H; lia|].
  unfold J, gap. cbn [sum]. replace (π 1%nat) with (1 - π 0%nat) by lra. ring.
Qed.

(* refuted: one logit *)
Theorem plateau_speed_wrong : ~ forall (z : R -> nat -> R) r t, let π := softmax 2 (z t) in
  let J := E a ∼ π ∈ 2, r a in let gap := r 0%nat - r 1%nat in
  (forall b, b ∈ 2 -> is_derive (fun t => z t b) t (π b * (r b - J))) ->
  is_derive (fun t => z t 0%nat - z t 1%nat) t (gap * π 0%nat * π 1%nat).
Proof.
  intros H. set (r := fun a => δ a 0). set (π := softmax 2 (fun _ => 0)).
  set (z := fun t b => t * (π b * (r b - (E a ∼ π ∈ 2, r a)))).
  assert (Hz : z 0 = fun _ => 0) by (apply FunctionalExtensionality.functional_extensionality; intros; unfold z; ring).
  pose proof (H z r 0) as Q. pose proof (plateau_speed z r 0) as Q'. cbv zeta in Q, Q'. rewrite Hz in Q, Q'. fold π in Q, Q'.
  assert (Hflow : forall b, b ∈ 2 -> is_derive (fun t => z t b) 0 (π b * (r b - (E a ∼ π ∈ 2, r a)))).
  { intros b Hb. unfold z. eapply D_eq; [derive|]. ring. }
  pose proof (D_unique _ _ _ _ (Q Hflow) (Q' Hflow)) as Q2. unfold π, r in Q2. differs Q2.
Qed.

(* eq-log-prob-speed bb9d17c0 for every K *)
Theorem log_prob_speed : forall K (z : R -> nat -> R) r t b, b ∈ K -> let π := softmax K (z t) in
  let J := E a ∼ π ∈ K, r a in
  (forall c, c ∈ K -> is_derive (fun t => z t c) t (π c * (r c - J))) ->
  is_derive (fun t => ln (softmax K (z t) b)) t (π b * (r b - J) - (Σ c ∈ K, π c ^ 2 * (r c - J))).
Proof.
  intros K z r t b Hb π J H. assert (0 < π b) by (apply softmax_pos; lia). eapply D_eq.
  - apply D_log; [easy|]. now apply (D_softmax_path K z t (fun c => π c * (r c - J))).
  - cbv beta. fold π. fold (π b). rewrite (sum_ext K (fun c => π c ^ 2 * (r c - J)) (fun c => π c * (π c * (r c - J)))) by (intros; ring). field. lra.
Qed.

(* refuted: own term alone *)
Theorem log_prob_speed_wrong : ~ forall K (z : R -> nat -> R) r t b, b ∈ K -> let π := softmax K (z t) in
  let J := E a ∼ π ∈ K, r a in
  (forall c, c ∈ K -> is_derive (fun t => z t c) t (π c * (r c - J))) ->
  is_derive (fun t => ln (softmax K (z t) b)) t (π b * (r b - J)).
Proof.
  intros H. set (r := fun a => δ a 0). set (π := softmax 2 log_third).
  set (z := fun t b => log_third b + t * (π b * (r b - (E a ∼ π ∈ 2, r a)))).
  assert (Hz : z 0 = log_third) by (apply FunctionalExtensionality.functional_extensionality; intros; unfold z; ring).
  pose proof (H 2%nat z r 0 0%nat ltac:(lia)) as Q. pose proof (log_prob_speed 2 z r 0 0%nat ltac:(lia)) as Q'.
  cbv zeta in Q, Q'. rewrite Hz in Q, Q'. fold π in Q, Q'.
  assert (Hflow : forall b, b ∈ 2 -> is_derive (fun t => z t b) 0 (π b * (r b - (E a ∼ π ∈ 2, r a)))).
  { intros b Hb. unfold z. eapply D_eq; [derive|]. ring. }
  pose proof (D_unique _ _ _ _ (Q Hflow) (Q' Hflow)) as Q2. unfold π, r in Q2. differs Q2.
Qed.

(* M⁺ g is the shortest x with M x = g; here it is r − r̄, with the plain mean r̄, for g = ∇J. *)
(* eq-natural-gradient-softmax aa2437bd for every K *)
Theorem natural_gradient_softmax : forall K z M r gradient, (1 <= K)%nat -> jacobian K z M ->
  (forall b, b ∈ K -> ∂ (expected_return K r z) /∂ z[b] = gradient b) ->
  let mean := 1 / INR K * (Σ a ∈ K, r a) in let x a := r a - mean in
  (forall a, a ∈ K -> Σ b ∈ K, M a b * x b = gradient a) /\
  (forall y, (forall a, a ∈ K -> Σ b ∈ K, M a b * y b = gradient a) -> norm2 K x <= norm2 K y).
Proof.
  intros K z M r gradient HK HM Hg mean x. set (π := softmax K z).
  assert (Hπ : policy K π) by (apply softmax_policy; lia).
  assert (HMv : forall v a, a ∈ K -> Σ b ∈ K, M a b * v b = π a * (v a - (Σ c ∈ K, π c * v c))).
  { intros v a Ha. rewrite (sum_2 K _ (π a) (fun b => δ b a * v b) (- π a) (fun b => π b * v b)), sum_δ; [ring|easy|].
    intros b Hb. rewrite (jacobian_is K z M a b HM Ha Hb), δ_sym. fold π. ring. }
  assert (Hgrad : forall a, a ∈ K -> gradient a = π a * (r a - (Σ c ∈ K, π c * r c))).
  { intros a Ha. apply (D_unique _ _ _ _ (Hg a Ha)). now apply D_expected_return. }
  assert (Hx : Σ c ∈ K, π c * x c = (Σ c ∈ K, π c * r c) - mean).
  { rewrite (sum_2 K _ 1 (fun c => π c * r c) (- mean) π) by (intros; unfold x; ring). rewrite (policy_sum K π Hπ). ring. }
  assert (Hsol : forall a, a ∈ K -> Σ b ∈ K, M a b * x b = gradient a).
  { intros a Ha. rewrite HMv, Hx, Hgrad by easy. unfold x. ring. }
  split; [exact Hsol|]. intros y Hy. set (c := (Σ c ∈ K, π c * y c) - (Σ c ∈ K, π c * x c)).
  assert (Hyx : forall a, a ∈ K -> y a = x a + c).
  { intros a Ha. pose proof (Hy a Ha) as H1. pose proof (Hsol a Ha) as H2. rewrite HMv in H1, H2 by easy.
    pose proof (proj1 Hπ a Ha). unfold c. apply (Rmult_eq_reg_l (π a)); lra. }
  assert (Hx0 : sum K x = 0).
  { apply lt_0_INR in HK as HK'. unfold x. rewrite sum_minus, sum_const. unfold mean.
    change (sum K (fun a => r a)) with (sum K r). field. lra. }
  unfold norm2. rewrite (sum_ext K (fun a => y a ^ 2) (fun a => 1 * x a ^ 2 + 2 * c * x a + c ^ 2)).
  - rewrite !sum_plus, !sum_scale, sum_const, Hx0. pose proof (pow2_ge_0 c). pose proof (pos_INR K). nra.
  - intros a Ha. rewrite Hyx by easy. ring.
Qed.

(* refuted: r − J *)
Theorem natural_gradient_softmax_wrong : ~ forall K z M r gradient, (1 <= K)%nat -> jacobian K z M ->
  (forall b, b ∈ K -> ∂ (expected_return K r z) /∂ z[b] = gradient b) ->
  let J := expected_return K r z in let x a := r a - J in
  (forall y, (forall a, a ∈ K -> Σ b ∈ K, M a b * y b = gradient a) -> norm2 K x <= norm2 K y).
Proof.
  intros H. pose proof (natural_gradient_softmax 2 log_third _ (fun a => δ a 0) _ ltac:(lia) (jacobian_has _ _)
    (fun b Hb => D_expected_return 2 (fun a => δ a 0) log_third b Hb)) as [Hsol _].
  specialize (H 2%nat log_third _ (fun a => δ a 0) _ ltac:(lia) (jacobian_has _ _)
    (fun b Hb => D_expected_return 2 (fun a => δ a 0) log_third b Hb) _ Hsol). differs H.
Qed.

(* The logits move with the velocity r_b − r̄, the natural gradient. *)
(* eq-replicator 5d4d03f5 for every K *)
Theorem replicator : forall K (z : R -> nat -> R) r t b, b ∈ K -> let π := softmax K (z t) in
  let J := E a ∼ π ∈ K, r a in let mean := 1 / INR K * (Σ a ∈ K, r a) in
  (forall c, c ∈ K -> is_derive (fun t => z t c) t (r c - mean)) ->
  is_derive (fun t => softmax K (z t) b) t (π b * (r b - J)).
Proof.
  intros K z r t b Hb π J mean H. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  eapply D_eq; [now apply (D_softmax_path K z t (fun c => r c - mean))|]. fold π.
  rewrite (sum_2 K (fun c => π c * (r c - mean)) 1 (fun c => π c * r c) (- mean) π) by (intros; ring).
  rewrite (policy_sum K π Hπ). fold J. ring.
Qed.

(* refuted: r̄ for J *)
Theorem replicator_wrong : ~ forall K (z : R -> nat -> R) r t b, b ∈ K -> let π := softmax K (z t) in
  let mean := 1 / INR K * (Σ a ∈ K, r a) in
  (forall c, c ∈ K -> is_derive (fun t => z t c) t (r c - mean)) ->
  is_derive (fun t => softmax K (z t) b) t (π b * (r b - mean)).
Proof.
  intros H. set (r := fun a => δ a 0). set (mean := 1 / INR 2 * (Σ a ∈ 2, r a)).
  set (z := fun t b => log_third b + t * (r b - mean)).
  assert (Hz : z 0 = log_third) by (apply FunctionalExtensionality.functional_extensionality; intros; unfold z; ring).
  assert (Hflow : forall b, b ∈ 2 -> is_derive (fun t => z t b) 0 (r b - mean)).
  { intros b Hb. unfold z. eapply D_eq; [derive|]. ring. }
  pose proof (D_unique _ _ _ _ (H 2%nat z r 0 0%nat ltac:(lia) Hflow) (replicator 2 z r 0 0%nat ltac:(lia) Hflow)) as Q.
  cbv zeta in Q. rewrite Hz in Q. unfold mean, r in Q. differs Q.
Qed.

(* After t natural updates of size α the logits are z + α t r, up to a constant c. *)
(* eq-multiplicative-weights b5b63c4a for every K *)
Theorem multiplicative_weights : forall K z r α t c a, a ∈ K -> let π := softmax K z in
  softmax K (fun b => z b + α * t * r b + c) a = π a * exp (α * t * r a) / (Σ b ∈ K, π b * exp (α * t * r b)).
Proof.
  intros K z r α t c a Ha π. pose proof (sum_exp_pos K z a Ha) as HS. unfold softmax at 1.
  assert (HT : 0 < Σ b ∈ K, π b * exp (α * t * r b)).
  { apply sum_pos; [lia|]. intros b Hb. apply Rmult_lt_0_compat; [apply softmax_pos; lia|apply exp_pos]. }
  rewrite (sum_1 K _ (exp c * (Σ b ∈ K, exp (z b))) (fun b => π b * exp (α * t * r b))).
  - rewrite !exp_plus. pose proof (exp_pos c). unfold π at 2. unfold softmax. field. lra.
  - intros b Hb. rewrite !exp_plus. unfold π, softmax. field. lra.
Qed.

(* refuted: start forgotten *)
Theorem multiplicative_weights_wrong : ~ forall K z r α t c a, a ∈ K ->
  softmax K (fun b => z b + α * t * r b + c) a = exp (α * t * r a) / (Σ b ∈ K, exp (α * t * r b)).
Proof.
  intros H. specialize (H 2%nat log_third (fun _ => 0) 0 0 0 0%nat ltac:(lia)). cbv beta in H.
  replace (fun b => log_third b + 0 * 0 * 0 + 0) with log_third in H
    by (apply FunctionalExtensionality.functional_extensionality; intros; ring).
  cbn [sum] in H. rewrite third_softmax, !Rmult_0_l, exp_0 in H by lia. unfold third in H. lra.
Qed.

(* v is the update when action A is drawn; entry a of each line. *)
(* eq-sampled-natural ec669f8e for every K *)
Theorem sampled_natural : forall K z M r β a, jacobian K z M -> a ∈ K -> let π := softmax K z in
  let v A b := (r A - β) / π A * δ A b in
  (forall A, A ∈ K -> Σ b ∈ K, M a b * v A b = (r A - β) * (δ A a - π a)) /\
  E A ∼ π ∈ K, v A a = r a - β.
Proof.
  intros K z M r β a HM Ha π v. assert (Hπ : policy K π) by (apply softmax_policy; lia). split.
  - intros A HA. pose proof (proj1 Hπ A HA).
    rewrite (sum_1 K _ ((r A - β) / π A) (fun b => δ b A * M a b)), sum_δ by (easy || intros; unfold v; rewrite δ_sym; ring).
    rewrite (jacobian_is K z M a A HM Ha HA). fold π. unfold δ. rewrite Nat.eqb_sym.
    destruct (Nat.eqb_spec A a) as [->|]; field; lra.
  - rewrite (sum_ext K _ (fun A => δ A a * (r A - β))), sum_δ; [easy|easy|].
    intros A HA. pose proof (proj1 Hπ A HA). unfold v. field. lra.
Qed.

(* refuted: e_A for the score *)
Theorem sampled_natural_wrong : ~ forall K z M r β a, jacobian K z M -> a ∈ K -> let π := softmax K z in
  let v A b := (r A - β) / π A * δ A b in
  forall A, A ∈ K -> Σ b ∈ K, M a b * v A b = (r A - β) * δ A a.
Proof.
  intros H. specialize (H 2%nat log_third _ (fun _ => 1) 0 0%nat (jacobian_has _ _) ltac:(lia) 0%nat ltac:(lia)). differs H.
Qed.

(* The variances of all entries of v, added. *)
(* eq-sampled-natural-variance 398e3592 for every K *)
Theorem sampled_natural_variance : forall K π r β, policy K π ->
  let v A b := (r A - β) / π A * δ A b in
  Σ b ∈ K, Var K π (fun A => v A b) = Σ b ∈ K, (r b - β) ^ 2 * (1 / π b - 1).
Proof.
  intros K π r β Hπ v. apply sum_ext. intros b Hb. pose proof (proj1 Hπ b Hb). unfold Var.
  assert (Hm : E A ∼ π ∈ K, v A b = r b - β).
  { rewrite (sum_ext K _ (fun A => δ A b * (r A - β))), sum_δ; [easy|easy|].
    intros A HA. pose proof (proj1 Hπ A HA). unfold v. field. lra. }
  rewrite Hm. rewrite (sum_3 K _ 1 (fun A => δ A b * ((r A - β) ^ 2 / π A)) (-2 * (r b - β)) (fun A => δ A b * (r A - β))
    ((r b - β) ^ 2) π).
  - rewrite !sum_δ, policy_sum by easy. field. lra.
  - intros A HA. pose proof (proj1 Hπ A HA). unfold v, δ. destruct (Nat.eqb A b); field; lra.
Qed.

(* refuted: second moment *)
Theorem sampled_natural_variance_wrong : ~ forall K π r β, policy K π ->
  let v A b := (r A - β) / π A * δ A b in
  Σ b ∈ K, Var K π (fun A => v A b) = Σ b ∈ K, (r b - β) ^ 2 / π b.
Proof. intros H. specialize (H 2%nat third (fun _ => 1) 0 third_policy). differs H. Qed.

(* The entropy H is the mean of −log π. *)
(* eq-entropy-softmax 01c5a621 for every K *)
Theorem entropy_softmax : forall K z b, b ∈ K -> let π := softmax K z in let H := - (E a ∼ π ∈ K, ln (π a)) in
  ∂ (- (Σ a ∈ K, softmax K z a * ln (softmax K z a))) /∂ z[b] = - π b * (ln (π b) + H).
Proof.
  intros K z b Hb π H. assert (Hπ : policy K π) by (apply softmax_policy; lia). eapply D_eq; [derive|].
  cbv beta. rewrite put_same. fold π. pose proof (mean_score K π (fun a => ln (π a)) b Hb) as Hm. cbv beta in Hm.
  rewrite (sum_2 K _ 1 (fun a => π a * (ln (π a) * (δ a b - π b))) 1 (fun a => π a * (δ a b - π b))) by (intros; ring).
  rewrite Hm, score_zero by easy. unfold H. ring.
Qed.

(* refuted: H forgotten *)
Theorem entropy_softmax_wrong : ~ forall K z b, b ∈ K -> let π := softmax K z in
  ∂ (- (Σ a ∈ K, softmax K z a * ln (softmax K z a))) /∂ z[b] = - π b * ln (π b).
Proof.
  intros H. pose proof (D_unique _ _ _ _ (H 2%nat (fun _ => 0) 0%nat ltac:(lia)) (entropy_softmax 2 (fun _ => 0) 0 ltac:(lia))) as Q.
  cbv zeta in Q. cbn [sum] in Q. rewrite !softmax_even in Q. cbn [INR] in Q.
  pose proof (ln_increasing (/ (1 + 1)) 1 ltac:(lra) ltac:(lra)) as Hl. rewrite ln_1 in Hl. lra.
Qed.

(* Two arms as above; t is the time of the flow, αt in the book. *)
(* eq-plateau-two-arms 54a32ab6 for all returns *)
Theorem plateau_two_arms : forall (z : R -> nat -> R) r t,
  (forall t b, b ∈ 2 -> let π := softmax 2 (z t) in is_derive (fun t => z t b) t (π b * (r b - (E a ∼ π ∈ 2, r a)))) ->
  let d t := z t 0%nat - z t 1%nat in let gap := r 0%nat - r 1%nat in
  d t + sinh (d t) = d 0 + sinh (d 0) + gap * t.
Proof.
  intros z r t H d gap. enough (d t + sinh (d t) - gap * t = d 0 + sinh (d 0) - gap * 0) by lra.
  apply (at_rest (fun t => d t + sinh (d t) - gap * t)). clear t. intros t. pose proof (plateau_speed z r t (H t)) as Hd.
  eapply D_eq.
  - apply (D_minus (fun t => d t + sinh (d t)) (fun t => gap * t)); [|derive].
    apply (D_plus d (fun t => sinh (d t))); [exact Hd|]. apply (D_chain sinh d); [apply D_sinh|exact Hd].
  - cbv beta. fold gap. unfold cosh, d, softmax, Rminus. cbn [sum]. rewrite Ropp_plus_distr, Ropp_involutive, !exp_plus, !exp_Ropp.
    pose proof (exp_pos (z t 0%nat)). pose proof (exp_pos (z t 1%nat)). field. lra.
Qed.

(* Equal returns: nothing moves. *)
(* refuted: Δ forgotten *)
Theorem plateau_two_arms_wrong : ~ forall (z : R -> nat -> R) r t,
  (forall t b, b ∈ 2 -> let π := softmax 2 (z t) in is_derive (fun t => z t b) t (π b * (r b - (E a ∼ π ∈ 2, r a)))) ->
  let d t := z t 0%nat - z t 1%nat in
  d t + sinh (d t) = d 0 + sinh (d 0) + t.
Proof.
  intros H. specialize (H (fun _ _ => 0) (fun _ => 1) 1). cbv zeta in H.
  enough (0 - 0 + sinh (0 - 0) = 0 - 0 + sinh (0 - 0) + 1) by lra. apply H. intros t b Hb. eapply D_eq; [apply D_const|].
  rewrite (mean_const 2 _ 1) by (apply softmax_policy; lia). ring.
Qed.

(* The entropy is − Σ π log π; the logits move along the gradient of J. *)
(* eq-entropy-speed 06085757 for every K *)
Theorem entropy_speed : forall K (z : R -> nat -> R) r t, (1 <= K)%nat -> let π := softmax K (z t) in
  let J := E a ∼ π ∈ K, r a in
  (forall c, c ∈ K -> is_derive (fun t => z t c) t (π c * (r c - J))) ->
  is_derive (fun t => - (Σ a ∈ K, softmax K (z t) a * ln (softmax K (z t) a))) t
    (- Cov K π (fun a => ln (π a)) (fun a => π a * (r a - J))).
Proof.
  intros K z r t HK π J H. assert (Hπ : policy K π) by (apply softmax_policy; lia). set (v := fun c => π c * (r c - J)).
  set (m := E c ∼ π ∈ K, v c). eapply D_eq.
  - apply (D_opp (fun t => Σ a ∈ K, softmax K (z t) a * ln (softmax K (z t) a))).
    apply (D_sum K (fun a t => softmax K (z t) a * ln (softmax K (z t) a))). intros a Ha.
    pose proof (D_softmax_path K z t v a Ha H) as HD. cbv zeta in HD.
    apply (D_mult (fun t => softmax K (z t) a) (fun t => ln (softmax K (z t) a))); [exact HD|].
    apply (D_log (fun t => softmax K (z t) a)); [apply softmax_pos; lia|exact HD].
  - cbv beta. fold π. f_equal. unfold Cov. fold v m. set (l := E b ∼ π ∈ K, ln (π b)).
    rewrite (sum_ext K _ (fun a => 1 * (π a * (ln (π a) * (v a - m))) + 1 * (π a * (v a - m)))).
    + rewrite sum_plus, !sum_scale.
      rewrite (sum_2 K (fun a => π a * ((ln (π a) - l) * (v a - m))) 1 (fun a => π a * (ln (π a) * (v a - m))) (- l) (fun a => π a * (v a - m)))
        by (intros; ring).
      rewrite (sum_2 K (fun a => π a * (v a - m)) 1 (fun a => π a * v a) (- m) π), (policy_sum K π Hπ) by (intros; ring). fold m. ring.
    + intros a Ha. pose proof (proj1 Hπ a Ha). fold m. field. lra.
Qed.

(* refuted: the natural flow *)
Theorem entropy_speed_wrong : ~ forall K (z : R -> nat -> R) r t, (1 <= K)%nat -> let π := softmax K (z t) in
  let J := E a ∼ π ∈ K, r a in
  (forall c, c ∈ K -> is_derive (fun t => z t c) t (π c * (r c - J))) ->
  is_derive (fun t => - (Σ a ∈ K, softmax K (z t) a * ln (softmax K (z t) a))) t
    (- Cov K π (fun a => ln (π a)) (fun a => r a - J)).
Proof.
  intros H. set (r := fun a => δ a 0). set (π := softmax 2 log_third).
  set (z := fun t b => log_third b + t * (π b * (r b - (E a ∼ π ∈ 2, r a)))).
  assert (Hz : z 0 = log_third) by (apply FunctionalExtensionality.functional_extensionality; intros; unfold z; ring).
  pose proof (H 2%nat z r 0 ltac:(lia)) as Q. pose proof (entropy_speed 2 z r 0 ltac:(lia)) as Q'. cbv zeta in Q, Q'. rewrite Hz in Q, Q'.
  fold π in Q, Q'.
  assert (Hflow : forall b, b ∈ 2 -> is_derive (fun t => z t b) 0 (π b * (r b - (E a ∼ π ∈ 2, r a)))).
  { intros b Hb. unfold z. eapply D_eq; [derive|]. ring. }
  pose proof (D_unique _ _ _ _ (Q Hflow) (Q' Hflow)) as Q2. pose proof (ln_increasing (1 / 3) (2 / 3) ltac:(lra) ltac:(lra)).
  unfold π, r in Q2. differs Q2.
Qed.
