(* Chapter 9, "What should we subtract from the return?"

   "family n p θ i D s": p θ is a distribution over n values with positive probabilities, D x is the derivative of
   p θ x with respect to the parameter θ_i, and s x that of its logarithm. A value x may be an action together with
   what it was paid, so returns may be random. *)

Require Import Derivatives.

(* β y is random, drawn from m values with the probabilities q, independently of x. A constant has m = 1. *)
(* eq-baseline-unbiased dfcaf8b0 for every n and every independent baseline *)
Theorem baseline_unbiased : forall n p θ i D s R m q β, family n p θ i D s -> Σ y ∈ m, q y = 1 ->
  ∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[i] = E x ∼ (p θ) ∈ n, (E y ∼ q ∈ m, (R x - β y) * s x).
Proof.
  intros n p θ i D s R m q β H Hq. eapply D_eq; [exact (D_mean n p θ i D s R H)|]. set (B := E y ∼ q ∈ m, β y).
  rewrite (sum_2 n (fun x => p θ x * (E y ∼ q ∈ m, (R x - β y) * s x)) 1 (fun x => p θ x * (R x * s x))
    (- B) (fun x => p θ x * s x)), (mean_of_score n p θ i D s H); [ring|].
  intros x _. rewrite (sum_2 m _ (R x * s x) q (- s x) (fun y => q y * β y)) by (intros; ring).
  change (sum m (fun y => q y)) with (sum m q) in Hq. rewrite Hq. fold B. ring.
Qed.

(* refuted: β depends on the action *)
Theorem baseline_unbiased_wrong : ~ forall n p θ i D s R β, family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[i] = E x ∼ (p θ) ∈ n, (R x - β x) * s x.
Proof.
  intros H. specialize (H _ _ log_third 0%nat _ _ (fun x => δ x 0) (fun x => δ x 0) (family_softmax 2 _ 0 ltac:(lia))).
  derivatives_differ H (D_mean _ _ log_third 0 _ _ (fun x => δ x 0) (family_softmax 2 _ 0 ltac:(lia))).
Qed.

(* eq-baseline-acts 7fe13bab for every K *)
Theorem baseline_acts : forall K π r β b, policy K π -> b ∈ K ->
  let J := E a ∼ π ∈ K, r a in let mean := E a ∼ π ∈ K, β a in
  E a ∼ π ∈ K, (r a - β a) * (δ a b - π b) = π b * (r b - J) - π b * (β b - mean).
Proof.
  intros K π r β b Hπ Hb J mean. rewrite (mean_score K π (fun a => r a - β a) b Hb).
  rewrite (sum_2 K _ 1 (fun a => π a * r a) (-1) (fun a => π a * β a)) by (intros; ring). fold J mean. ring.
Qed.

(* refuted: no harm *)
Theorem baseline_acts_wrong : ~ forall K π r β b, policy K π -> b ∈ K ->
  let J := E a ∼ π ∈ K, r a in
  E a ∼ π ∈ K, (r a - β a) * (δ a b - π b) = π b * (r b - J).
Proof. intros H. specialize (H 2%nat third (fun _ => 0) (fun a => δ a 0) 0%nat third_policy ltac:(lia)). differs H. Qed.

Lemma Var_squares K π f : policy K π -> Var K π f = (E a ∼ π ∈ K, f a ^ 2) - (E a ∼ π ∈ K, f a) ^ 2.
Proof.
  intros Hπ. unfold Var. set (m := Σ a ∈ K, π a * f a).
  rewrite (sum_3 K _ 1 (fun a => π a * f a ^ 2) (-2 * m) (fun a => π a * f a) (m ^ 2) π) by (intros; ring).
  rewrite (policy_sum K π Hπ). fold m. ring.
Qed.

(* The variance of the update, over all its entries, with the baseline β. *)
Definition V (K : nat) (π r : nat -> R) (β : R) : R := Σ b ∈ K, Var K π (fun a => (r a - β) * (δ a b - π b)).

(* eq-three-parabolas 3c73b546 for the example and every β *)
Theorem three_parabolas : forall β,
  V 6 example (fun _ => 50) β = 7 / 10 * (β - 50) ^ 2 /\
  V 6 example (fun a => 50 * δ a 0) β = 7 / 10 * (β - 75 / 7) ^ 2 + 750 / 7 /\
  V 6 example (fun a => 50 * δ a 1) β = 7 / 10 * (β - 55 / 7) ^ 2 + 1430 / 7.
Proof.
  intros β. unfold V. cbn [sum]. rewrite !(Var_squares 6 example) by apply example_policy. cbn [sum]. unfold δ. cbn [Nat.eqb example].
  repeat split; lra.
Qed.

(* refuted: lowest at J *)
Theorem three_parabolas_wrong : ~ forall β, V 6 example (fun a => 50 * δ a 0) β = 7 / 10 * (β - 25) ^ 2 + 750 / 7.
Proof. intros H. pose proof (H 25) as Q. rewrite (proj1 (proj2 (three_parabolas 25))) in Q. lra. Qed.

Lemma mean_norm K π : policy K π -> E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b) = 1 - norm2 K π.
Proof.
  intros Hπ. rewrite (sum_2 K _ (1 + norm2 K π) π (-2) (fun a => π a ^ 2)).
  - rewrite (policy_sum K π Hπ). fold (norm2 K π). ring.
  - intros a Ha. rewrite score_norm by easy. ring.
Qed.

Lemma norm_less K π : (2 <= K)%nat -> policy K π -> norm2 K π < 1.
Proof.
  intros HK Hπ. enough (0 < E a ∼ π ∈ K, (1 - π a)).
  { rewrite (sum_2 K _ 1 π (-1) (fun a => π a ^ 2)), (policy_sum K π Hπ) in H by (intros; ring). fold (norm2 K π) in H. lra. }
  apply sum_pos; [lia|]. intros a Ha. apply Rmult_lt_0_compat; [now apply Hπ|].
  destruct (other_one K a HK) as (c & Hc & Hac).
  pose proof (policy_pair K π a c Hπ Ha Hc (not_eq_sym Hac)). pose proof (proj1 Hπ c Hc). lra.
Qed.

(* The best baseline: the mean return, weighted with the squared length of the score. *)
Definition best (K : nat) (π r : nat -> R) : R :=
  (E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b) * r a) / (E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b)).

(* eq-baseline-softmax d14aaef3 for every K *)
Theorem baseline_softmax : forall K π r, (2 <= K)%nat -> policy K π ->
  let J := E a ∼ π ∈ K, r a in
  best K π r = J - 2 * Cov K π π r / (1 - norm2 K π).
Proof.
  intros K π r HK Hπ J. pose proof (norm_less K π HK Hπ). unfold best. rewrite (mean_norm K π Hπ).
  assert (HC : Cov K π π r = (Σ a ∈ K, π a ^ 2 * r a) - norm2 K π * J).
  { unfold Cov. replace (E b ∼ π ∈ K, π b) with (norm2 K π) by (apply sum_ext; intros; ring). fold J.
    rewrite (sum_ext K _ (fun a => 1 * (π a ^ 2 * r a) + (- J) * π a ^ 2 + (- norm2 K π) * (π a * r a) + norm2 K π * J * π a))
      by (intros; ring).
    rewrite !sum_plus, !sum_scale, (policy_sum K π Hπ). fold (norm2 K π) J. ring. }
  rewrite HC. rewrite (sum_2 K (fun a => π a * (norm2 K (fun b => δ a b - π b) * r a)) (1 + norm2 K π) (fun a => π a * r a)
    (-2) (fun a => π a ^ 2 * r a)).
  - fold J. field. lra.
  - intros a Ha. rewrite score_norm by easy. ring.
Qed.

(* refuted: 2 forgotten *)
Theorem baseline_softmax_wrong : ~ forall K π r, (2 <= K)%nat -> policy K π ->
  let J := E a ∼ π ∈ K, r a in
  best K π r = J - Cov K π π r / (1 - norm2 K π).
Proof.
  intros H. specialize (H 2%nat third (fun a => δ a 0) ltac:(lia) third_policy).
  rewrite (baseline_softmax 2 third (fun a => δ a 0) ltac:(lia) third_policy) in H. differs H.
Qed.

(* eq-baseline-price b3f5c90a for every K *)
Theorem baseline_price : forall K π r, (2 <= K)%nat -> policy K π ->
  let J := E a ∼ π ∈ K, r a in
  V K π r J - V K π r 0 = (E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b)) * J * (J - 2 * best K π r).
Proof.
  intros K π r HK Hπ J. set (N := E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b)).
  assert (HN : 0 < N) by (unfold N; rewrite (mean_norm K π Hπ); pose proof (norm_less K π HK Hπ); lra).
  assert (HV : forall β, V K π r β = (E a ∼ π ∈ K, (r a - β) ^ 2 * norm2 K (fun b => δ a b - π b)) -
    (Σ b ∈ K, (π b * (r b - J)) ^ 2)).
  { intros β. unfold V.
    rewrite (sum_ext K _ (fun b => (Σ a ∈ K, π a * ((r a - β) ^ 2 * (δ a b - π b) ^ 2)) - (π b * (r b - J)) ^ 2)).
    - rewrite sum_minus, sum_swap. f_equal. apply sum_ext. intros a _. unfold norm2. rewrite !sum_scale. ring.
    - intros b Hb. unfold Var. set (m := E a ∼ π ∈ K, (r a - β) * (δ a b - π b)).
      assert (Hm : m = π b * (r b - J)).
      { unfold m. rewrite (mean_score K π (fun a => r a - β) b Hb).
        rewrite (sum_2 K _ 1 (fun a => π a * r a) (- β) π), (policy_sum K π Hπ) by (intros; ring). fold J. ring. }
      rewrite (sum_3 K _ 1 (fun a => π a * ((r a - β) ^ 2 * (δ a b - π b) ^ 2)) (-2 * m)
        (fun a => π a * ((r a - β) * (δ a b - π b))) (m ^ 2) π) by (intros; ring).
      rewrite (policy_sum K π Hπ). fold m. rewrite Hm. ring. }
  rewrite !HV. unfold best. fold N. set (W := E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b) * r a).
  assert (HJ : E a ∼ π ∈ K, (r a - J) ^ 2 * norm2 K (fun b => δ a b - π b) =
    1 * (E a ∼ π ∈ K, (r a - 0) ^ 2 * norm2 K (fun b => δ a b - π b)) + -2 * J * W + J ^ 2 * N)
    by (apply sum_3; intros; ring).
  rewrite HJ. field. lra.
Qed.

(* refuted: 2 forgotten *)
Theorem baseline_price_wrong : ~ forall K π r, (2 <= K)%nat -> policy K π ->
  let J := E a ∼ π ∈ K, r a in
  V K π r J - V K π r 0 = (E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b)) * J * (J - best K π r).
Proof.
  intros H. specialize (H 2%nat third (fun _ => 1) ltac:(lia) third_policy).
  pose proof (baseline_price 2 third (fun _ => 1) ltac:(lia) third_policy) as H'. cbv zeta in H, H'.
  pose proof (eq_trans (eq_sym H) H') as Q. rewrite baseline_softmax in Q by (lia || apply third_policy). differs Q.
Qed.

(* States y with the probabilities μ, in each a policy of its own: p y θ. *)
(* eq-state-baseline 96c4f0a9 for every number of states and actions *)
Theorem state_baseline : forall m μ n (p : nat -> (nat -> R) -> nat -> R) θ i D s R β,
  (forall y, y ∈ m -> family n (p y) θ i (D y) (s y)) ->
  ∂ (E y ∼ μ ∈ m, (E x ∼ (p y θ) ∈ n, R y x)) /∂ θ[i] =
    E y ∼ μ ∈ m, (E x ∼ (p y θ) ∈ n, (R y x - β y) * s y x).
Proof.
  intros m μ n p θ i D s R β H. eapply D_eq.
  - apply (D_sum m (fun y t => μ y * (E x ∼ (p y (put θ i t)) ∈ n, R y x))). intros y Hy.
    apply (D_mult (fun _ => μ y)); [apply D_const|]. exact (D_mean n (p y) θ i (D y) (s y) (R y) (H y Hy)).
  - apply sum_ext. intros y Hy. rewrite Rmult_0_l, Rplus_0_l. f_equal.
    rewrite (sum_2 n (fun x => p y θ x * ((R y x - β y) * s y x)) 1 (fun x => p y θ x * (R y x * s y x)) (- β y)
      (fun x => p y θ x * s y x)), (mean_of_score n (p y) θ i (D y) (s y) (H y Hy)) by (intros; ring). ring.
Qed.

(* refuted: a baseline that sees the action *)
Theorem state_baseline_wrong : ~ forall m μ n (p : nat -> (nat -> R) -> nat -> R) θ i D s R β,
  (forall y, y ∈ m -> family n (p y) θ i (D y) (s y)) ->
  ∂ (E y ∼ μ ∈ m, (E x ∼ (p y θ) ∈ n, R y x)) /∂ θ[i] =
    E y ∼ μ ∈ m, (E x ∼ (p y θ) ∈ n, (R y x - β y x) * s y x).
Proof.
  intros H. specialize (H 1%nat (fun _ => 1) 2%nat (fun _ => softmax 2) log_third 0%nat _ _ (fun _ x => δ x 0) (fun _ x => δ x 0)
    (fun _ _ => family_softmax 2 _ 0 ltac:(lia))).
  derivatives_differ H (state_baseline 1 (fun _ => 1) 2 (fun _ => softmax 2) log_third 0 _ _ (fun _ x => δ x 0) (fun _ => 0)
    (fun _ _ => family_softmax 2 _ 0 ltac:(lia))).
Qed.

(* R n is the reward that follows n earlier ones; there are t = n + 1 rewards with it. *)
(* eq-running-average e8071bd9 for every t of 2 and more *)
Theorem running_average : forall R n, (1 <= n)%nat -> let t := S n in
  let mean m := 1 / INR m * (Σ k ∈ m, R k) in
  R n - mean t = (1 - 1 / INR t) * (R n - mean n).
Proof.
  intros R n Hn t mean. apply le_INR in Hn. simpl in Hn. unfold mean, t. rewrite S_INR. cbn [sum].
  change (sum n (fun k => R k)) with (sum n R). field. lra.
Qed.

(* refuted: factor forgotten *)
Theorem running_average_wrong : ~ forall R n, (1 <= n)%nat -> let t := S n in
  let mean m := 1 / INR m * (Σ k ∈ m, R k) in
  R n - mean t = R n - mean n.
Proof. intros H. specialize (H (fun k => INR k) 1%nat ltac:(lia)). cbv zeta in H. cbn [sum INR] in H. lra. Qed.

(* The move of the best arm's logit when arm a is drawn. *)
(* eq-never-down 00b4b0a3 for every policy *)
Theorem never_down : forall π r α β m, let move a := α * (r a - β) * (δ a m - π m) in
  move m = α * (r m - β) * (1 - π m) /\
  forall a, a <> m -> move a = α * (β - r a) * π m.
Proof.
  intros π r α β m move. unfold move. split; [rewrite δ_same; ring|]. intros a Ha. rewrite δ_other by easy. ring.
Qed.

(* refuted: others lower it *)
Theorem never_down_wrong : ~ forall π r α β m, let move a := α * (r a - β) * (δ a m - π m) in
  forall a, a <> m -> move a = - (α * (β - r a) * π m).
Proof. intros H. specialize (H third (fun _ => 0) 1 1 0%nat 1%nat ltac:(lia)). differs H. Qed.
