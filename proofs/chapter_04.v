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

(* Any parameters θ; entry i of the gradient. D are the derivatives of the probabilities, s those of their logarithms. *)
(* eq-every-weight 862cb4f0 for every K and every policy *)
Theorem every_weight : forall K p θ i D s A f F, family K p θ i D s -> let π := p θ in
  (forall a, a ∈ K -> π a < 1) -> (forall a x, a ∈ K -> 0 < x < 1 -> is_derive (F a) x (f a x)) ->
  ∂ (Σ a ∈ K, A a * F a (p θ a)) /∂ θ[i] = E a ∼ π ∈ K, f a (π a) * A a * s a.
Proof.
  intros K p θ i D s A f F H π H1 HF. eapply D_eq.
  - apply (D_sum K (fun a t => A a * F a (p (put θ i t) a))). intros a Ha. destruct (proj2 H a Ha) as (H0 & HD & _).
    apply (D_mult (fun _ => A a)); [apply D_const|]. apply (D_chain (F a) (fun t => p (put θ i t) a)); [|exact HD].
    rewrite put_same. now apply HF; [|split; [|apply H1]].
  - cbv beta. rewrite put_same. apply sum_ext. intros a Ha. fold π.
    rewrite <- (family_score K p θ i D s a H Ha). fold π. ring.
Qed.

(* With f = 1 that is J, if A is the return, and with f = π it is G. *)
Lemma weight_one K p θ i D s A : family K p θ i D s -> (forall a, a ∈ K -> p θ a < 1) ->
  ∂ (Σ a ∈ K, A a * p θ a) /∂ θ[i] = E a ∼ (p θ) ∈ K, 1 * A a * s a.
Proof. intros H H1. apply (every_weight K p θ i D s A (fun _ _ => 1) (fun _ x => x) H H1). intros. apply D_id. Qed.

Lemma weight_probability K p θ i D s A : family K p θ i D s -> (forall a, a ∈ K -> p θ a < 1) ->
  ∂ (Σ a ∈ K, A a * (1 / 2 * p θ a ^ 2)) /∂ θ[i] = E a ∼ (p θ) ∈ K, p θ a * A a * s a.
Proof.
  intros H H1. apply (every_weight K p θ i D s A (fun _ x => x) (fun _ x => 1 / 2 * x ^ 2) H H1). intros a x _ _.
  eapply D_eq; [derive; lra|]. field.
Qed.

Lemma third_less a : a ∈ 2 -> softmax 2 log_third a < 1.
Proof. intros Ha. rewrite third_softmax by easy. destruct a; unfold third; lra. Qed.

(* refuted: f for F *)
Theorem every_weight_wrong : ~ forall K p θ i D s A (f : nat -> R -> R), family K p θ i D s -> let π := p θ in
  (forall a, a ∈ K -> π a < 1) ->
  ∂ (Σ a ∈ K, A a * f a (p θ a)) /∂ θ[i] = E a ∼ π ∈ K, f a (π a) * A a * s a.
Proof.
  intros H. pose proof (family_softmax 2 log_third 0 ltac:(lia)) as Hf.
  pose proof (H _ _ _ _ _ _ (fun a => δ a 0) (fun _ x => x) Hf third_less) as Q.
  pose proof (weight_one _ _ _ _ _ _ (fun a => δ a 0) Hf third_less) as Q'. derivatives_differ Q Q'.
Qed.
