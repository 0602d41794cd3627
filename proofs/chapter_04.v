(* Chapter 4, "What 1/π corrects".

   "jacobian K z M" says that M a b is the derivative of π_a with respect to z_b, and "scores K z s" that s a b is
   that of log π_a, for all K actions a and b. *)

Require Import Derivatives.

(* eq-score-softmax 0c5608c9 for every K *)
Theorem score_softmax : forall K z M a b, jacobian K z M -> a ∈ K -> b ∈ K -> let π := softmax K z in
  ∂ (ln (softmax K z a)) /∂ z[b] = 1 / π a * M a b /\
  1 / π a * M a b = δ a b - π b.
Proof.
  intros K z M a b H Ha Hb π. assert (0 < π a) by (apply softmax_pos; lia).
  assert (Hs : 1 / π a * M a b = δ a b - π b).
  { rewrite (jacobian_is K z M a b H Ha Hb). fold π. field. lra. }
  rewrite Hs. split; [now apply D_log_softmax|easy].
Qed.

(* refuted: e_a − π_a *)
Theorem score_softmax_wrong : ~ forall K z a b, a ∈ K -> b ∈ K -> let π := softmax K z in
  ∂ (ln (softmax K z a)) /∂ z[b] = δ a b - π a.
Proof.
  intros H. specialize (H 2%nat log_third 0%nat 1%nat ltac:(lia) ltac:(lia)).
  derivatives_differ H (D_log_softmax 2 log_third 0 1 ltac:(lia)).
Qed.

(* eq-score-arrangements d860a5d9 for every K *)
Theorem score_arrangements : forall K z M a b, jacobian K z M -> a ∈ K -> b ∈ K -> let π := softmax K z in
  M a b / π a = δ a b - π b /\
  M a b / π b = δ a b - π a.
Proof.
  intros K z M a b H Ha Hb π. rewrite (jacobian_is K z M a b H Ha Hb). fold π.
  assert (0 < π a) by (apply softmax_pos; lia). assert (0 < π b) by (apply softmax_pos; lia).
  split; [field; lra|]. unfold δ. destruct (Nat.eqb_spec a b) as [->|]; field; lra.
Qed.

(* refuted: the two swapped *)
Theorem score_arrangements_wrong : ~ forall K z M a b, jacobian K z M -> a ∈ K -> b ∈ K -> let π := softmax K z in
  M a b / π a = δ a b - π a.
Proof.
  intros H. specialize (H 2%nat log_third _ 0%nat 1%nat (jacobian_has _ _) ltac:(lia) ltac:(lia)). differs H.
Qed.

(* eq-score-sums 424ed402 for every K *)
Theorem score_sums : forall K π, policy K π ->
  (forall a, a ∈ K -> Σ b ∈ K, (δ a b - π b) = 0) /\
  (forall b, b ∈ K -> Σ a ∈ K, (δ a b - π b) = 1 - INR K * π b).
Proof.
  intros K π Hπ. split.
  - intros a Ha. rewrite (sum_2 K _ 1 (fun b => δ b a * 1) (-1) π) by (intros; rewrite δ_sym; ring).
    rewrite (sum_δ K a (fun _ => 1) Ha), policy_sum by easy. ring.
  - intros b Hb. rewrite (sum_2 K _ 1 (fun a => δ a b * 1) (- π b) (fun _ => 1)) by (intros; ring).
    rewrite (sum_δ K b (fun _ => 1) Hb), sum_const. ring.
Qed.

(* refuted: both zero *)
Theorem score_sums_wrong : ~ forall K π b, policy K π -> b ∈ K -> Σ a ∈ K, (δ a b - π b) = 0.
Proof. intros H. specialize (H 2%nat third 0%nat third_policy ltac:(lia)). differs H. Qed.

Lemma D_return_any K r z M b : jacobian K z M -> b ∈ K ->
  ∂ (expected_return K r z) /∂ z[b] = Σ a ∈ K, r a * M a b.
Proof.
  intros H Hb. unfold expected_return. eapply D_eq; [derive|]. cbv beta. rewrite put_same. apply sum_ext.
  intros a Ha. rewrite (jacobian_is K z M a b H Ha Hb). ring.
Qed.

(* eq-frequency 53db0043 for every K *)
Theorem frequency : forall K z r M b, jacobian K z M -> b ∈ K -> let π := softmax K z in
  ∂ (expected_return K r z) /∂ z[b] = E a ∼ π ∈ K, 1 / π a * r a * M a b.
Proof.
  intros K z r M b H Hb π. eapply D_eq; [now apply (D_return_any K r z M)|]. apply sum_ext. intros a Ha.
  assert (0 < π a) by (apply softmax_pos; lia). field. lra.
Qed.

(* refuted: not divided *)
Theorem frequency_wrong : ~ forall K z r M b, jacobian K z M -> b ∈ K -> let π := softmax K z in
  ∂ (expected_return K r z) /∂ z[b] = E a ∼ π ∈ K, r a * M a b.
Proof.
  intros H. specialize (H 2%nat log_third (fun _ => 1) _ 0%nat (jacobian_has _ _) ltac:(lia)).
  derivatives_differ H (D_expected_return 2 (fun _ => 1) log_third 0 ltac:(lia)).
Qed.

(* eq-any-sampler a8ec5705 for every K and every ρ *)
Theorem any_sampler : forall K z r M ρ b, jacobian K z M -> policy K ρ -> b ∈ K ->
  ∂ (expected_return K r z) /∂ z[b] = E a ∼ ρ ∈ K, 1 / ρ a * r a * M a b.
Proof.
  intros K z r M ρ b H Hρ Hb. eapply D_eq; [now apply (D_return_any K r z M)|]. apply sum_ext. intros a Ha.
  pose proof (proj1 Hρ a Ha). field. lra.
Qed.

(* refuted: 1/π, though ρ samples *)
Theorem any_sampler_wrong : ~ forall K z r M ρ b, jacobian K z M -> policy K ρ -> b ∈ K -> let π := softmax K z in
  ∂ (expected_return K r z) /∂ z[b] = E a ∼ ρ ∈ K, 1 / π a * r a * M a b.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) (fun _ => 1) _ third 0%nat (jacobian_has _ _) third_policy ltac:(lia)).
  derivatives_differ H (D_expected_return 2 (fun _ => 1) (fun _ => 0) 0 ltac:(lia)).
Qed.

(* Entry b of the three vectors. *)
(* eq-update-jvp 806d33a3 for every K *)
Theorem update_jvp : forall K z r M s b, jacobian K z M -> scores K z s -> b ∈ K -> let π := softmax K z in
  let J := E a ∼ π ∈ K, r a in
  E a ∼ π ∈ K, r a * s a b = Σ a ∈ K, M b a * r a /\
  Σ a ∈ K, M b a * r a = π b * (r b - J).
Proof.
  intros K z r M s b H Hs Hb π J.
  assert (HJ : E a ∼ π ∈ K, r a * s a b = π b * (r b - J)).
  { unfold J. rewrite <- mean_score by easy. apply sum_ext. intros a Ha. now rewrite (scores_is K z s a b Hs Ha Hb). }
  assert (HM : Σ a ∈ K, M b a * r a = π b * (r b - J)).
  { rewrite (sum_2 K _ (π b) (fun a => δ a b * r a) (- π b) (fun a => π a * r a)), sum_δ; [fold J; ring|easy|].
    intros a Ha. rewrite (jacobian_is K z M b a H Hb Ha), δ_sym. fold π. ring. }
  now rewrite HJ, HM.
Qed.

(* refuted: no π left *)
Theorem update_jvp_wrong : ~ forall K z r s b, scores K z s -> b ∈ K -> let π := softmax K z in
  let J := E a ∼ π ∈ K, r a in
  E a ∼ π ∈ K, r a * s a b = r b - J.
Proof.
  intros H. specialize (H 2%nat log_third (fun a => δ a 0) _ 0%nat (scores_has _ _) ltac:(lia)). differs H.
Qed.

(* The factor 1 − δ c a leaves out c = a. *)
(* eq-push-balance 329661b3 for every K *)
Theorem push_balance : forall K π a, policy K π -> a ∈ K ->
  π a * (1 - π a) = Σ c ∈ K, (1 - δ c a) * (π c * π a).
Proof.
  intros K π a Hπ Ha. rewrite (sum_2 K _ (π a) π (- π a) (fun c => δ c a * π c)) by (intros; ring).
  rewrite sum_δ, policy_sum by easy. ring.
Qed.

(* refuted: pushes not weighed *)
Theorem push_balance_wrong : ~ forall K π a, policy K π -> a ∈ K ->
  1 - π a = Σ c ∈ K, (1 - δ c a) * π a.
Proof. intros H. specialize (H 2%nat third 0%nat third_policy ltac:(lia)). differs H. Qed.

(* eq-score-length c464b125 for every K *)
Theorem score_length : forall K π a, policy K π -> a ∈ K ->
  norm2 K (fun b => δ a b - π b) = 1 - 2 * π a + norm2 K π.
Proof. intros. now apply score_norm. Qed.

(* refuted: cross term forgotten *)
Theorem score_length_wrong : ~ forall K π a, policy K π -> a ∈ K ->
  norm2 K (fun b => δ a b - π b) = 1 + norm2 K π.
Proof. intros H. specialize (H 2%nat third 0%nat third_policy ltac:(lia)). differs H. Qed.

(* eq-score-bounds cdb24415 for every K *)
Theorem score_bounds : forall K π a, (2 <= K)%nat -> policy K π -> a ∈ K ->
  sqrt (INR K / (INR K - 1)) * (1 - π a) <= sqrt (norm2 K (fun b => δ a b - π b)) /\
  sqrt (norm2 K (fun b => δ a b - π b)) <= sqrt 2 * (1 - π a).
Proof.
  intros K π a HK Hπ Ha. pose proof (policy_le_1 K π a Hπ Ha). apply le_INR in HK. simpl in HK.
  set (w := fun b => (1 - δ b a) * π b).
  assert (Hw0 : forall b, b ∈ K -> 0 <= w b).
  { intros b Hb. pose proof (proj1 Hπ b Hb). unfold w, δ. destruct (Nat.eqb b a); lra. }
  assert (Hw1 : sum K w = 1 - π a).
  { unfold w. rewrite (sum_2 K _ 1 π (-1) (fun b => δ b a * π b)), sum_δ, policy_sum by (easy || intros; ring). ring. }
  assert (Hn : norm2 K (fun b => δ a b - π b) = (1 - π a) ^ 2 + norm2 K w).
  { rewrite score_norm by easy. unfold norm2, w.
    rewrite (sum_2 K (fun b => ((1 - δ b a) * π b) ^ 2) 1 (fun b => π b ^ 2) (-1) (fun b => δ b a * π b ^ 2)), sum_δ;
    [ring|easy|]. intros b _. unfold δ. destruct (Nat.eqb b a); ring. }
  (* The other entries sum to 1 − π_a. Their squares sum to (1 − π_a)² at most … *)
  assert (Hhi : norm2 K w <= (1 - π a) ^ 2).
  { unfold norm2. rewrite <- Hw1. replace (sum K w ^ 2) with (sum K w * sum K w) by ring. rewrite <- sum_scale.
    apply sum_le. intros b Hb. pose proof (Hw0 b Hb). pose proof (sum_term_le K w b Hb Hw0). nra. }
  (* … and to a (K − 1)-th of it at least. *)
  assert (Hlo : (1 - π a) ^ 2 / (INR K - 1) <= norm2 K w).
  { set (m := (1 - π a) / (INR K - 1)). assert (0 <= Σ b ∈ K, (w b - (1 - δ b a) * m) ^ 2) by
      (apply sum_nonneg; intros; apply pow2_ge_0).
    rewrite (sum_3 K _ 1 (fun b => w b ^ 2) (-2 * m) w (m ^ 2) (fun b => 1 - δ b a * 1)) in H0.
    - rewrite sum_minus, (sum_δ K a (fun _ => 1) Ha), sum_const, Hw1 in H0. unfold norm2.
      replace ((1 - π a) ^ 2 / (INR K - 1)) with (2 * m * (1 - π a) - m ^ 2 * (INR K - 1)) by (unfold m; field; lra). lra.
    - intros b _. unfold w, δ. destruct (Nat.eqb b a); ring. }
  split; (rewrite <- (sqrt_square (1 - π a)) at 1 || rewrite <- (sqrt_square (1 - π a))); try lra.
  - rewrite <- sqrt_mult_alt by (apply Rlt_le, Rdiv_lt_0_compat; lra). apply sqrt_le_1_alt. rewrite Hn.
    replace (INR K / (INR K - 1) * ((1 - π a) * (1 - π a))) with ((1 - π a) ^ 2 + (1 - π a) ^ 2 / (INR K - 1)) by (field; lra).
    lra.
  - rewrite <- sqrt_mult_alt by lra. apply sqrt_le_1_alt. lra.
Qed.

(* refuted: at most √(K/(K−1)) (1 − π) *)
Theorem score_bounds_wrong : ~ forall K π a, (2 <= K)%nat -> policy K π -> a ∈ K ->
  sqrt (norm2 K (fun b => δ a b - π b)) <= sqrt (INR K / (INR K - 1)) * (1 - π a).
Proof.
  intros H. specialize (H 6%nat example 1%nat ltac:(lia) example_policy ltac:(lia)).
  assert (Hq : sqrt (norm2 6 (fun b => δ 1 b - example b)) * sqrt (norm2 6 (fun b => δ 1 b - example b)) <=
    INR 6 / (INR 6 - 1) * (1 - example 1) ^ 2).
  { rewrite <- (sqrt_sqrt (INR 6 / (INR 6 - 1))) by (cbn [INR]; lra).
    pose proof (sqrt_pos (norm2 6 (fun b => δ 1 b - example b))).
    eapply Rle_trans; [now apply Rmult_le_compat; [| |apply H|apply H]|right; ring]. }
  rewrite sqrt_sqrt in Hq by (apply sum_nonneg; intros; apply pow2_ge_0). differs Hq.
Qed.

(* eq-mean-score-length d0f6fc7c for every K *)
Theorem mean_score_length : forall K π, policy K π ->
  E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b) = 1 - norm2 K π /\ 1 - norm2 K π < 1.
Proof.
  intros K π Hπ. split.
  - rewrite (sum_2 K _ (1 + norm2 K π) π (-2) (fun a => π a ^ 2)).
    + rewrite policy_sum by easy. fold (norm2 K π). ring.
    + intros a Ha. rewrite score_norm by easy. ring.
  - enough (0 < norm2 K π) by lra. apply sum_pos; [now apply (policy_some K π)|]. intros a Ha. apply pow_lt. now apply Hπ.
Qed.

(* refuted: 1 + ‖π‖² *)
Theorem mean_score_length_wrong : ~ forall K π, policy K π ->
  E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b) = 1 + norm2 K π.
Proof. intros H. specialize (H 2%nat third third_policy). differs H. Qed.

(* eq-without-division 6e58a6a2 for every K *)
Theorem without_division : forall K z r M b, jacobian K z M -> b ∈ K -> let π := softmax K z in
  ∂ (1 / 2 * (Σ a ∈ K, softmax K z a ^ 2 * r a)) /∂ z[b] = E a ∼ π ∈ K, r a * M a b.
Proof.
  intros K z r M b H Hb π. eapply D_eq; [derive; lra|]. cbv beta. rewrite put_same.
  replace ((0 * 2 - 1 * 0) / 2 ^ 2) with 0 by field. rewrite Rmult_0_l, Rplus_0_l, <- sum_scale. apply sum_ext. intros a Ha. rewrite (jacobian_is K z M a b H Ha Hb). fold π. field.
Qed.

(* refuted: ½ forgotten *)
Theorem without_division_wrong : ~ forall K z r M b, jacobian K z M -> b ∈ K -> let π := softmax K z in
  ∂ (Σ a ∈ K, softmax K z a ^ 2 * r a) /∂ z[b] = E a ∼ π ∈ K, r a * M a b.
Proof.
  intros H. specialize (H 2%nat log_third (fun a => δ a 0) _ 0%nat (jacobian_has _ _) ltac:(lia)).
  pose proof (without_division 2 log_third (fun a => δ a 0) _ 0 (jacobian_has _ _) ltac:(lia)) as H'.
  unfold partial in H, H'. cbv beta in H, H'. pose proof (D_unique _ _ _ _ H' (D_mult _ _ _ _ _ (D_const _ _) H)) as Q.
  differs Q.
Qed.

(* G is ½ Σ π_a² r_a, as above. *)
(* eq-distorted-returns 0b1ece52 for every K *)
Theorem distorted_returns : forall K z r b, b ∈ K -> let π := softmax K z in
  ∂ (1 / 2 * (Σ a ∈ K, softmax K z a ^ 2 * r a)) /∂ z[b] = π b * (π b * r b - (Σ c ∈ K, π c ^ 2 * r c)).
Proof.
  intros K z r b Hb π. eapply D_eq; [now apply (without_division K z r _ b (jacobian_has K z))|]. fold π.
  pose proof (mean_score K π (fun a => π a * r a) b Hb) as Hm. cbv beta in Hm.
  rewrite (sum_ext K (fun c => π c ^ 2 * r c) (fun a => π a * (π a * r a))) by (intros; ring).
  rewrite <- Hm. apply sum_ext. intros. fold π. ring.
Qed.

(* refuted: J subtracted *)
Theorem distorted_returns_wrong : ~ forall K z r b, b ∈ K -> let π := softmax K z in
  ∂ (1 / 2 * (Σ a ∈ K, softmax K z a ^ 2 * r a)) /∂ z[b] = π b * (π b * r b - (E c ∼ π ∈ K, r c)).
Proof.
  intros H. specialize (H 2%nat log_third (fun _ => 1) 0%nat ltac:(lia)).
  derivatives_differ H (distorted_returns 2 log_third (fun _ => 1) 0 ltac:(lia)).
Qed.

(* The policy (0.1, 0.8, 0.1), and what its arms pay. *)
Definition fond (a : nat) : R := match a with 1%nat => 0.8 | _ => 0.1 end.
Definition pays (a : nat) : R := match a with O => 1 | 1%nat => 0.9 | _ => 0.2 end.

Lemma fond_policy : policy 3 fond.
Proof. unfold fond. is_policy. Qed.

(* eq-sign-flip 36b98368 for the example *)
Theorem sign_flip : let z := fun a => ln (fond a) in
  let J := expected_return 3 pays in
  let G := fun z => 1 / 2 * (Σ a ∈ 3, softmax 3 z a ^ 2 * pays a) in
  (∂ (J z) /∂ z[0%nat] = 0.016) /\ (∂ (J z) /∂ z[1%nat] = 0.048) /\ (∂ (J z) /∂ z[2%nat] = -0.064) /\
  (∂ (G z) /∂ z[0%nat] = -0.0488) /\ (∂ (G z) /∂ z[1%nat] = 0.1056) /\ (∂ (G z) /∂ z[2%nat] = -0.0568).
Proof.
  cbv zeta. set (z := fun a => ln (fond a)).
  assert (Hz : forall a, a ∈ 3 -> softmax 3 z a = fond a) by (intros; apply softmax_of; [apply fond_policy|easy]).
  assert (HJ : forall b v, b ∈ 3 -> fond b * (pays b - 0.84) = v -> ∂ (expected_return 3 pays z) /∂ z[b] = v).
  { intros b v Hb <-. eapply D_eq; [now apply D_expected_return|]. cbn [sum]. rewrite !Hz by (easy || lia).
    unfold fond at 2 3 4. unfold pays at 2 3 4. lra. }
  assert (HG : forall b v, b ∈ 3 -> fond b * (fond b * pays b - 0.588) = v ->
    ∂ (1 / 2 * (Σ a ∈ 3, softmax 3 z a ^ 2 * pays a)) /∂ z[b] = v).
  { intros b v Hb <-. eapply D_eq; [now apply distorted_returns|]. cbn [sum]. rewrite !Hz by (easy || lia).
    unfold fond at 3 4 5. unfold pays at 2 3 4. lra. }
  split; [apply HJ|split; [apply HJ|split; [apply HJ|split; [apply HG|split; [apply HG|apply HG]]]]];
  try lia; unfold fond, pays; lra.
Qed.

(* refuted: the two swapped *)
Theorem sign_flip_wrong : ~ let z := fun a => ln (fond a) in
  let G := fun z => 1 / 2 * (Σ a ∈ 3, softmax 3 z a ^ 2 * pays a) in
  ∂ (G z) /∂ z[0%nat] = 0.016.
Proof.
  intros H. cbv zeta in H. pose proof (D_unique _ _ _ _ H (proj1 (proj2 (proj2 (proj2 sign_flip))))) as Q. lra.
Qed.

(* A path z t of two logits; x = z₁ − z₂. With the division, then without. *)
(* eq-two-arm-flows cd2d1073 for all returns *)
Theorem two_arm_flows : forall (z : R -> nat -> R) r t, let π := softmax 2 (z t) in
  let r1 := r 0%nat in let r2 := r 1%nat in let π1 := π 0%nat in let π2 := π 1%nat in
  ((forall b gradient, b ∈ 2 -> partial (expected_return 2 r) (z t) b gradient ->
      is_derive (fun t => z t b) t gradient) ->
    is_derive (fun t => z t 0%nat - z t 1%nat) t (2 * π1 * π2 * (r1 - r2))) /\
  ((forall b gradient, b ∈ 2 -> partial (fun z => 1 / 2 * (Σ a ∈ 2, softmax 2 z a ^ 2 * r a)) (z t) b gradient ->
      is_derive (fun t => z t b) t gradient) ->
    is_derive (fun t => z t 0%nat - z t 1%nat) t (2 * π1 * π2 * (π1 * r1 - π2 * r2))).
Proof.
  intros z r t π r1 r2 π1 π2.
  assert (Hs : π2 = 1 - π1).
  { pose proof (policy_sum 2 π (softmax_policy 2 (z t) ltac:(lia))) as Hs. cbn [sum] in Hs. unfold π1, π2. lra. }
  split; intros H.
  - eapply D_eq; [apply (D_minus (fun t => z t 0%nat) (fun t => z t 1%nat)); apply H; try apply D_expected_return; lia|].
    cbv zeta. cbn [sum]. fold π. fold π1 π2 r1 r2. rewrite Hs. ring.
  - eapply D_eq; [apply (D_minus (fun t => z t 0%nat) (fun t => z t 1%nat)); apply H; try apply distorted_returns; lia|].
    cbv zeta. cbn [sum]. fold π. fold π1 π2 r1 r2. rewrite Hs. ring.
Qed.

(* refuted: 2 forgotten *)
Theorem two_arm_flows_wrong : ~ forall (z : R -> nat -> R) r t, let π := softmax 2 (z t) in
  let r1 := r 0%nat in let r2 := r 1%nat in let π1 := π 0%nat in let π2 := π 1%nat in
  (forall b gradient, b ∈ 2 -> partial (expected_return 2 r) (z t) b gradient ->
      is_derive (fun t => z t b) t gradient) ->
    is_derive (fun t => z t 0%nat - z t 1%nat) t (π1 * π2 * (r1 - r2)).
Proof.
  intros H. set (r := fun a => δ a 0).
  set (z := fun t b => t * (softmax 2 (fun _ => 0) b * (r b - (E a ∼ (softmax 2 (fun _ => 0)) ∈ 2, r a)))).
  assert (Hz : z 0 = fun _ => 0).
  { apply FunctionalExtensionality.functional_extensionality. intros. unfold z. ring. }
  assert (Hflow : forall b gradient, b ∈ 2 -> partial (expected_return 2 r) (z 0) b gradient ->
    is_derive (fun t => z t b) 0 gradient).
  { intros b g Hb Hg. rewrite Hz in Hg. rewrite (D_unique _ _ _ _ Hg (D_expected_return 2 r (fun _ => 0) b Hb)).
    unfold z. eapply D_eq; [derive|]. ring. }
  specialize (H z r 0 Hflow). pose proof (proj1 (two_arm_flows z r 0) Hflow) as H'. cbv zeta in H, H'.
  rewrite Hz in H, H'. pose proof (D_unique _ _ _ _ H H') as Q. unfold r in Q. differs Q.
Qed.

(* Both returns are positive; p is the probability of arm 1. *)
(* eq-basin-border a8ae5d09 for all p and all returns > 0 *)
Theorem basin_border : forall p r1 r2 : R, 0 < r1 -> 0 < r2 ->
  (p * r1 = (1 - p) * r2 <-> p = r2 / (r1 + r2)).
Proof.
  intros p r1 r2 H1 H2. split; [intros H|intros ->; field; lra].
  apply (Rmult_eq_reg_r (r1 + r2)); [|lra]. field_simplify; lra.
Qed.

(* refuted: r1/(r1 + r2) *)
Theorem basin_border_wrong : ~ forall p r1 r2 : R, 0 < r1 -> 0 < r2 ->
  (p * r1 = (1 - p) * r2 <-> p = r1 / (r1 + r2)).
Proof. intros H. specialize (proj2 (H (2 / 3) 2 1 ltac:(lra) ltac:(lra)) ltac:(lra)). lra. Qed.

Lemma exp_le_square x : x <= 1 / 2 -> exp x <= 1 + x + 2 * x ^ 2.
Proof.
  intros H. pose proof (exp_ge_line (- x)) as Hl. rewrite exp_Ropp in Hl. pose proof (exp_pos x).
  apply (Rmult_le_compat_l (exp x)) in Hl; [|lra]. rewrite Rinv_r in Hl by lra.
  apply (Rmult_le_reg_l (1 - x)); [lra|]. apply Rle_trans with 1; [nra|].
  replace ((1 - x) * (1 + x + 2 * x ^ 2)) with (1 + x ^ 2 * (1 - 2 * x)) by ring.
  pose proof (Rmult_le_pos (x ^ 2) (1 - 2 * x) (pow2_ge_0 x) ltac:(lra)). lra.
Qed.

(* The change of log π_b when the logits move by α R times the score of a. The remainder is at most C α². *)
(* eq-first-order 04d1f829 for every K *)
Theorem first_order : forall K z R a b, a ∈ K -> b ∈ K -> let π := softmax K z in
  exists C ε, 0 < ε /\ forall α, Rabs α <= ε ->
  Rabs (ln (softmax K (fun c => z c + α * R * (δ a c - π c)) b) - ln (π b)
    - α * R * (δ a b - π a - π b + norm2 K π)) <= C * α ^ 2.
Proof.
  intros K z R a b Ha Hb π. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  set (u := fun c => δ a c - π c). set (m := E c ∼ π ∈ K, u c).
  assert (Hm : m = π a - norm2 K π).
  { unfold m, u, norm2. rewrite (sum_2 K _ 1 (fun c => δ c a * π c) (-1) (fun c => π c ^ 2)), sum_δ; [ring|easy|].
    intros. rewrite δ_sym. ring. }
  assert (Hu : forall c, c ∈ K -> -1 <= u c <= 1).
  { intros c Hc. pose proof (proj1 Hπ c Hc). pose proof (policy_le_1 K π c Hπ Hc).
    unfold u, δ. destruct (Nat.eqb a c); lra. }
  assert (Hm1 : -1 <= m <= 1).
  { rewrite <- (mean_const K π (-1) Hπ), <- (mean_const K π 1 Hπ) at 1. unfold m.
    split; apply sum_le; intros c Hc; pose proof (proj1 Hπ c Hc); pose proof (Hu c Hc); nra. }
  exists (8 * R ^ 2), (/ (4 * (Rabs R + 1))). pose proof (Rabs_pos R).
  split; [apply Rinv_0_lt_compat; lra|]. intros α Hα. set (h := α * R).
  assert (Hh : Rabs h <= 1 / 4).
  { unfold h. rewrite Rabs_mult. apply Rle_trans with (/ (4 * (Rabs R + 1)) * (Rabs R + 1)).
    - apply Rmult_le_compat; try apply Rabs_pos; lra.
    - right. field. lra. }
  apply Rabs_le_between in Hh.
  set (S := E c ∼ π ∈ K, exp (h * (u c - m))).
  assert (HS1 : 1 <= S).
  { apply Rle_trans with (E c ∼ π ∈ K, (1 + h * (u c - m))).
    - rewrite (sum_3 K _ 1 π h (fun c => π c * u c) (- h * m) π) by (intros; ring).
      rewrite policy_sum by easy. fold m. lra.
    - apply sum_le. intros c Hc. apply Rmult_le_compat_l; [left; now apply Hπ|apply exp_ge_line]. }
  assert (HS2 : S <= 1 + 8 * h ^ 2).
  { apply Rle_trans with (E c ∼ π ∈ K, (1 + h * (u c - m) + 8 * h ^ 2)).
    - apply sum_le. intros c Hc. apply Rmult_le_compat_l; [left; now apply Hπ|]. specialize (Hu c Hc).
      eapply Rle_trans; [apply exp_le_square; nra|]. replace (2 * (h * (u c - m)) ^ 2) with (2 * h ^ 2 * (u c - m) ^ 2) by ring.
      assert ((u c - m) ^ 2 <= 4) by nra. pose proof (pow2_ge_0 h). nra.
    - rewrite (sum_3 K _ (1 + 8 * h ^ 2) π h (fun c => π c * u c) (- h * m) π) by (intros; ring).
      rewrite policy_sum by easy. fold m. lra. }
  assert (Hln : 0 <= ln S <= 8 * h ^ 2).
  { split; [rewrite <- ln_1; destruct HS1 as [|<-]; [left; apply ln_increasing|]; lra|].
    apply Rle_trans with (ln (exp (8 * h ^ 2))); [|rewrite ln_exp; lra].
    pose proof (exp_ge_line (8 * h ^ 2)). destruct (Req_dec S (exp (8 * h ^ 2))) as [->|]; [lra|].
    left. apply ln_increasing; lra. }
  assert (Heq : ln (softmax K (fun c => z c + h * u c) b) = ln (π b) + h * u b - h * m - ln S).
  { pose proof (sum_exp_pos K z b Hb) as HZ.
    assert (HZ' : Σ c ∈ K, exp (z c + h * u c) = (Σ c ∈ K, exp (z c)) * exp (h * m) * S).
    { unfold S. rewrite <- sum_scale. apply sum_ext. intros c Hc. unfold π, softmax.
      replace (z c + h * u c) with (z c + h * m + h * (u c - m)) by ring. rewrite !exp_plus. field. lra. }
    unfold π, softmax. rewrite HZ'. pose proof (exp_pos (h * m)).
    rewrite !ln_div, !ln_mult, !ln_exp;
      repeat (apply exp_pos || lra || apply Rmult_lt_0_compat). }
  fold h. fold u. cbv beta. change (fun c => z c + h * (δ a c - π c)) with (fun c => z c + h * u c). rewrite Heq, Hm.
  replace (8 * R ^ 2 * α ^ 2) with (8 * h ^ 2) by (unfold h; ring).
  replace (_ - _ - _) with (- ln S) by (unfold u; ring). rewrite Rabs_Ropp, Rabs_pos_eq; lra.
Qed.

(* What has one slope up to terms of second order has no other. *)
Lemma one_slope (X : R -> R) p q :
  (exists C ε, 0 < ε /\ forall α, Rabs α <= ε -> Rabs (X α - α * p) <= C * α ^ 2) ->
  (exists C ε, 0 < ε /\ forall α, Rabs α <= ε -> Rabs (X α - α * q) <= C * α ^ 2) -> p = q.
Proof.
  intros (C & ε & Hε & HC) (C' & ε' & Hε' & HC'). apply Rminus_diag_uniq, Rabs_eq_0.
  apply Rle_antisym; [|apply Rabs_pos]. apply le_epsilon. intros η Hη. rewrite Rplus_0_l.
  set (D := Rabs C + Rabs C' + 1). assert (0 < D) by (pose proof (Rabs_pos C); pose proof (Rabs_pos C'); unfold D; lra).
  set (α := Rmin (Rmin ε ε') (η / D)).
  assert (Hα : 0 < α) by (repeat apply Rmin_glb_lt; try easy; now apply Rdiv_lt_0_compat).
  assert (α <= ε /\ α <= ε' /\ α * D <= η) as (H1 & H2 & H3).
  { unfold α. repeat split.
    - eapply Rle_trans; apply Rmin_l.
    - eapply Rle_trans; [apply Rmin_l|apply Rmin_r].
    - apply Rle_trans with (η / D * D); [apply Rmult_le_compat_r; [lra|apply Rmin_r]|right; field; lra]. }
  specialize (HC α ltac:(rewrite Rabs_pos_eq; lra)). specialize (HC' α ltac:(rewrite Rabs_pos_eq; lra)).
  assert (α * Rabs (p - q) <= α * (α * D)); [|nra].
  rewrite <- (Rabs_pos_eq α) at 1 by lra. rewrite <- Rabs_mult.
  replace (α * (p - q)) with ((X α - α * q) - (X α - α * p)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. unfold D.
  pose proof (Rle_abs C). pose proof (Rle_abs C'). pose proof (pow2_ge_0 α). nra.
Qed.

(* refuted: only π_b *)
Theorem first_order_wrong : ~ forall K z R a b, a ∈ K -> b ∈ K -> let π := softmax K z in
  exists C ε, 0 < ε /\ forall α, Rabs α <= ε ->
  Rabs (ln (softmax K (fun c => z c + α * R * (δ a c - π c)) b) - ln (π b)
    - α * R * (δ a b - π b)) <= C * α ^ 2.
Proof.
  intros H. specialize (H 2%nat log_third 1 0%nat 0%nat ltac:(lia) ltac:(lia)).
  pose proof (first_order 2 log_third 1 0 0 ltac:(lia) ltac:(lia)) as H'. cbv zeta in H, H'.
  set (X := fun α => ln (softmax 2 (fun c => log_third c + α * 1 * (δ 0 c - softmax 2 log_third c)) 0)
    - ln (softmax 2 log_third 0)).
  assert (Q : 1 * (δ 0 0 - softmax 2 log_third 0) =
    1 * (δ 0 0 - softmax 2 log_third 0 - softmax 2 log_third 0 + norm2 2 (softmax 2 log_third))); [|differs Q].
  apply (one_slope X); [destruct H as (C & ε & Hε & H)|destruct H' as (C & ε & Hε & H')];
  exists C, ε; (split; [easy|]); intros α Hα; rewrite <- Rmult_assoc; first [exact (H α Hα) | exact (H' α Hα)].
Qed.
