(* Chapter 9, "What should we subtract from the return?"

   "family n p θ i D s": p θ is a distribution over n values with positive probabilities, D x is the derivative of
   p θ x with respect to the parameter θ_i, and s x that of its logarithm. A value x may be an action together with
   what it was paid, so returns may be random. "E A ∼ p ^ G ∈ n, t" is the mean over groups of G independent draws. *)

Require Import Groups.

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

(* The variance of the update, over all its entries, with the baseline β. *)
Definition V (K : nat) (π r : nat -> R) (β : R) : R := Σ b ∈ K, Var K π (fun a => (r a - β) * (δ a b - π b)).

(* eq-three-parabolas 3c73b546 for the example and every β *)
Theorem three_parabolas : forall β,
  V 6 example (fun _ => 50) β = 7 / 10 * (β - 50) ^ 2 /\
  V 6 example (fun a => 50 * δ a 0) β = 7 / 10 * (β - 75 / 7) ^ 2 + 750 / 7 /\
  V 6 example (fun a => 50 * δ a 1) β = 7 / 10 * (β - 55 / 7) ^ 2 + 1430 / 7.
Proof.
  intros β. unfold V, Var. cbn [sum]. unfold δ. cbn [Nat.eqb example]. repeat split; field.
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

(* β A i is the mean of the other returns of the group A. *)
Definition others (G : nat) (r : nat -> R) (A : nat -> nat) (i : nat) : R :=
  1 / (INR G - 1) * (Σ j ∈ G, (1 - δ j i) * r (A j)).

(* eq-leave-one-out b2f7ef11 for every n and every G *)
Theorem leave_one_out : forall n p θ k D s R G, (2 <= G)%nat -> family n p θ k D s -> let β := others G R in
  ∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[k] =
    E A ∼ (p θ) ^ G ∈ n, 1 / INR G * (Σ i ∈ G, (R (A i) - β A i) * s (A i)).
Proof.
  intros n p θ k D s R G HG H β. assert (H1 : sum n (p θ) = 1) by apply H.
  apply le_INR in HG as HG'. simpl in HG'.
  eapply D_eq; [exact (D_mean n p θ k D s R H)|]. rewrite group_scale, (group_sum G n (p θ) G _ H1).
  rewrite (sum_ext G _ (fun _ => E x ∼ (p θ) ∈ n, R x * s x)); [rewrite sum_const; field; lra|].
  intros i Hi. set (c := - (1 / (INR G - 1))).
  rewrite (group_ext G n (p θ) _ (fun A => 1 * (R (A i) * s (A i)) + c * (Σ j ∈ G, (1 - δ j i) * (R (A j) * s (A i))))).
  - rewrite group_2, (group_sum G n (p θ) G _ H1), (group_one G n (p θ) i (fun x => R x * s x) H1 Hi).
    rewrite (sum_zero G); [ring|]. intros j Hj. rewrite group_scale. unfold δ. destruct (Nat.eqb_spec j i) as [|Hne]; [ring|].
    rewrite (group_two G n (p θ) j i R s H1 Hj Hi Hne), (mean_of_score n p θ k D s H). ring.
  - intros A. unfold β, others, c. rewrite (sum_1 G (fun j => (1 - δ j i) * (R (A j) * s (A i))) (s (A i))
      (fun j => (1 - δ j i) * R (A j))) by (intros; ring). ring.
Qed.

(* The mean of a product of two of the terms of the estimate; R and s have the mean zero, and i, j, k, l are draws. *)
Lemma product_of_terms G n p R s i j k l : sum n p = 1 -> E x ∼ p ∈ n, R x = 0 -> E x ∼ p ∈ n, s x = 0 ->
  i ∈ G -> j ∈ G -> k ∈ G -> l ∈ G -> let m := E x ∼ p ∈ n, R x * s x in
  E A ∼ p ^ G ∈ n, R (A j) * s (A i) * (R (A l) * s (A k)) =
    δ i j * (δ l k * (δ k i * (E x ∼ p ∈ n, (R x * s x) ^ 2) + (1 - δ k i) * m ^ 2)) +
    (1 - δ i j) * ((1 - δ l k) * (δ k i * δ l j * ((E x ∼ p ∈ n, R x ^ 2) * (E x ∼ p ∈ n, s x ^ 2)) + δ k j * δ l i * m ^ 2)).
Proof.
  intros Hp HR Hs Hi Hj Hk Hl m.
  assert (Hext : forall F F', (forall A, F A = F' A) -> forall v, group_mean G n p F' = v -> group_mean G n p F = v).
  { intros F F' HF v <-. now apply group_ext. }
  unfold δ. destruct (Nat.eqb_spec i j) as [Eij|Nij]; [subst j|]; destruct (Nat.eqb_spec l k) as [Elk|Nlk]; [subst l| |subst l|].
  - destruct (Nat.eqb_spec k i) as [->|Nki].
    + rewrite (group_ext G n p _ (fun A => (fun x => (R x * s x) ^ 2) (A i))) by (intros; ring).
      rewrite (group_one G n p i (fun x => (R x * s x) ^ 2)) by easy. ring.
    + rewrite (group_two G n p i k (fun x => R x * s x) (fun x => R x * s x)) by auto. fold m. ring.
  - transitivity 0; [|ring]. destruct (Nat.eq_dec l i) as [->|Nli].
    + apply Hext with (fun A => s (A k) * (R (A i) * s (A i) * R (A i))); [intros; ring|].
      apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
    + apply Hext with (fun A => R (A l) * (R (A i) * s (A i) * s (A k))); [intros; ring|].
      apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
  - transitivity 0; [|ring]. destruct (Nat.eq_dec k i) as [->|Nki].
    + apply Hext with (fun A => R (A j) * (s (A i) * (R (A i) * s (A i)))); [intros; ring|].
      apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
    + apply Hext with (fun A => s (A i) * (R (A j) * (R (A k) * s (A k)))); [intros; ring|].
      apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
  - destruct (Nat.eqb_spec k i) as [->|Nki]; [|destruct (Nat.eqb_spec k j) as [->|Nkj]].
    + rewrite (proj2 (Nat.eqb_neq i j)) by easy. destruct (Nat.eqb_spec l j) as [->|Nlj].
      * apply Hext with (fun A => (fun x => R x ^ 2) (A j) * (fun x => s x ^ 2) (A i)); [intros; ring|].
        rewrite (group_two G n p j i (fun x => R x ^ 2) (fun x => s x ^ 2)) by auto. ring.
      * apply Hext with (fun A => R (A j) * (s (A i) * (R (A l) * s (A i)))); [intros; ring|].
        transitivity 0; [|ring]. apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
    + destruct (Nat.eqb_spec l i) as [->|Nli].
      * apply Hext with (fun A => (fun x => R x * s x) (A j) * (fun x => R x * s x) (A i)); [intros; ring|].
        rewrite (group_two G n p j i (fun x => R x * s x) (fun x => R x * s x)) by auto. fold m. ring.
      * apply Hext with (fun A => s (A i) * (R (A j) * (R (A l) * s (A j)))); [intros; ring|].
        transitivity 0; [|ring]. apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
    + destruct (Nat.eq_dec l i) as [->|Nli].
      * apply Hext with (fun A => R (A j) * (s (A i) * (R (A i) * s (A k)))); [intros; ring|].
        transitivity 0; [|ring]. apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
      * apply Hext with (fun A => s (A i) * (R (A j) * (R (A l) * s (A k)))); [intros; ring|].
        transitivity 0; [|ring]. apply group_zero; try easy. intros. now rewrite !with_draw_other by auto.
Qed.

Lemma leave_one_out_entry n p s R G : (2 <= G)%nat -> sum n p = 1 -> E x ∼ p ∈ n, s x = 0 ->
  let J := E x ∼ p ∈ n, R x in let m := E x ∼ p ∈ n, R x * s x in
  E A ∼ p ^ G ∈ n, (1 / INR G * (Σ i ∈ G, (R (A i) - others G R A i) * s (A i)) - m) ^ 2 =
    Var n p (fun x => (R x - J) * s x) / INR G +
    (Var n p R * (E x ∼ p ∈ n, s x ^ 2) + m ^ 2) / (INR G * (INR G - 1)).
Proof.
  intros HG Hp Hs J m. apply le_INR in HG as HG'. simpl in HG'. set (Q := fun x => R x - J).
  assert (HQ : E x ∼ p ∈ n, Q x = 0).
  { unfold Q. rewrite (sum_2 n _ 1 (fun x => p x * R x) (- J) p), Hp by (intros; ring). fold J. ring. }
  assert (Hm : E x ∼ p ∈ n, Q x * s x = m).
  { unfold Q. rewrite (sum_2 n _ 1 (fun x => p x * (R x * s x)) (- J) (fun x => p x * s x)), Hs by (intros; ring). fold m. ring. }
  set (c := fun i j => δ j i - / (INR G - 1) * (1 - δ j i)).
  set (q := E x ∼ p ∈ n, (Q x * s x) ^ 2). set (v := (E x ∼ p ∈ n, Q x ^ 2) * (E x ∼ p ∈ n, s x ^ 2)).
  set (estimate := fun A => Σ i ∈ G, (Σ j ∈ G, c i j * (Q (A j) * s (A i)))).
  assert (Hest : forall A, 1 / INR G * (Σ i ∈ G, (R (A i) - others G R A i) * s (A i)) = 1 / INR G * estimate A).
  { intros A. f_equal. apply sum_ext. intros i Hi. unfold others, c, Q.
    rewrite (sum_3 G (fun j => (δ j i - / (INR G - 1) * (1 - δ j i)) * ((R (A j) - J) * s (A i)))
      (s (A i)) (fun j => δ j i * (R (A j) - J)) (- / (INR G - 1) * s (A i)) (fun j => (1 - δ j i) * R (A j))
      (/ (INR G - 1) * s (A i) * J) (fun j => 1 - δ j i * 1)) by (intros; ring).
    rewrite sum_minus, !sum_δ, sum_const by easy. field. lra. }
  assert (Hone : group_mean G n p estimate = INR G * m).
  { unfold estimate. rewrite (group_sum G n p G _ Hp), (sum_ext G _ (fun _ => m)); [now rewrite sum_const|]. intros i Hi.
    rewrite (group_sum G n p G _ Hp), (sum_ext G _ (fun j => δ j i * m)); [now rewrite (sum_δ G i (fun _ => m))|]. intros j Hj.
    rewrite group_scale. unfold c, δ. destruct (Nat.eqb_spec j i) as [->|Nji].
    - rewrite (group_one G n p i (fun x => Q x * s x) Hp Hi), Hm. ring.
    - rewrite (group_two G n p j i Q s Hp Hj Hi Nji), HQ. ring. }
  assert (Htwo : E A ∼ p ^ G ∈ n, estimate A ^ 2 = INR G * (q + (INR G - 1) * m ^ 2 + (v + m ^ 2) / (INR G - 1))).
  { rewrite (group_ext G n p _ (fun A => Σ i ∈ G, (Σ j ∈ G, c i j * (Σ k ∈ G, (Σ l ∈ G, c k l * (Q (A j) * s (A i) * (Q (A l) * s (A k)))))))).
    2: { intros A. replace (estimate A ^ 2) with (estimate A * estimate A) by ring. unfold estimate at 1. rewrite Rmult_comm, <- sum_scale.
      apply sum_ext. intros i _. rewrite <- sum_scale. apply sum_ext. intros j _.
      rewrite (Rmult_comm (estimate A)), Rmult_assoc. f_equal. unfold estimate. rewrite <- sum_scale. apply sum_ext. intros k _.
      rewrite <- sum_scale. apply sum_ext. intros l _. ring. }
    rewrite (group_sum G n p G _ Hp).
    rewrite (sum_ext G _ (fun _ => q + (INR G - 1) * m ^ 2 + (v + m ^ 2) / (INR G - 1))); [now rewrite sum_const|]. intros i Hi.
    rewrite (group_sum G n p G _ Hp).
    rewrite (sum_ext G _ (fun j => δ j i * (q + (INR G - 1) * m ^ 2) + (1 - δ j i * 1) * ((v + m ^ 2) / (INR G - 1) ^ 2))).
    { rewrite sum_plus, (sum_δ G i (fun _ => q + (INR G - 1) * m ^ 2) Hi).
      rewrite (sum_1 G (fun j => (1 - δ j i * 1) * _) ((v + m ^ 2) / (INR G - 1) ^ 2) (fun j => 1 - δ j i * 1)) by (intros; ring).
      rewrite sum_minus, (sum_δ G i (fun _ => 1) Hi), sum_const. field. lra. }
    intros j Hj. rewrite group_scale, (group_sum G n p G _ Hp).
    rewrite (sum_ext G _ (fun k => Σ l ∈ G, c k l * (E A ∼ p ^ G ∈ n, Q (A j) * s (A i) * (Q (A l) * s (A k))))).
    2: { intros k _. rewrite (group_sum G n p G _ Hp). apply sum_ext. intros l _. apply group_scale. }
    rewrite (sum_ext G _ (fun k => Σ l ∈ G, c k l * (δ i j * (δ l k * (δ k i * q + (1 - δ k i) * m ^ 2)) +
      (1 - δ i j) * ((1 - δ l k) * (δ k i * δ l j * v + δ k j * δ l i * m ^ 2))))).
    2: { intros k Hk. apply sum_ext. intros l Hl. rewrite (product_of_terms G n p Q s i j k l), Hm by easy. reflexivity. }
    unfold c at 1. destruct (Nat.eq_dec j i) as [->|Nji].
    - rewrite !δ_same. rewrite (sum_ext G _ (fun k => δ k i * (q - m ^ 2) + m ^ 2)).
      + rewrite sum_plus, (sum_δ G i (fun _ => q - m ^ 2) Hi), sum_const. ring.
      + intros k Hk. rewrite (sum_ext G _ (fun l => δ l k * (c k l * (δ k i * q + (1 - δ k i) * m ^ 2)))) by (intros; ring).
        rewrite sum_δ by easy. unfold c. rewrite δ_same. ring.
    - rewrite !(δ_other i j), !(δ_other j i) by auto.
      rewrite (sum_ext G _ (fun k => δ k i * (- (1 - δ j k) * v / (INR G - 1)) + δ k j * (- (1 - δ i k) * m ^ 2 / (INR G - 1)))).
      + rewrite sum_plus, !sum_δ, !(δ_other i j), !(δ_other j i) by auto. field. lra.
      + intros k Hk. rewrite (sum_ext G _ (fun l => δ l j * (c k l * (1 - δ l k) * δ k i * v) + δ l i * (c k l * (1 - δ l k) * δ k j * m ^ 2)))
          by (intros; ring). rewrite sum_plus, !sum_δ by easy. unfold c.
        assert (Hd : forall a b, (δ a b - / (INR G - 1) * (1 - δ a b)) * (1 - δ a b) = - (1 - δ a b) / (INR G - 1)).
        { intros a b. unfold δ. destruct (Nat.eqb a b); field; lra. }
        rewrite !Hd. field. lra. }
  rewrite (group_ext G n p _ (fun A => (1 / INR G) ^ 2 * estimate A ^ 2 + 1 * (-2 * m / INR G * estimate A + m ^ 2 * 1))).
  2: { intros A. rewrite Hest. field. lra. }
  rewrite !group_2, group_const, Hone, Htwo by easy. unfold Var at 1. fold Q. change (fun x => R x - J) with Q.
  assert (HV : Var n p (fun x => (R x - J) * s x) = q - m ^ 2).
  { unfold Var. change (fun b => p b * ((R b - J) * s b)) with (fun x => p x * (Q x * s x)). rewrite Hm.
    rewrite (sum_3 n _ 1 (fun x => p x * (Q x * s x) ^ 2) (-2 * m) (fun x => p x * (Q x * s x)) (m ^ 2) p) by (intros; unfold Q; ring).
    rewrite Hm, Hp. fold q. ring. }
  unfold Var in HV. rewrite HV. unfold Var. change (E b ∼ p ∈ n, R b) with J. change (fun a => p a * (R a - J) ^ 2) with (fun x => p x * Q x ^ 2).
  fold v. field. lra.
Qed.

(* The estimate of leave-one-out has the mean "gradient", by leave_one_out: on the left stands its variance, over all P
   parameters. V(J) is that of the update with the baseline J. *)
(* eq-leave-one-out-variance 46d5b0b3 for every n, every G and every number of parameters *)
Theorem leave_one_out_variance : forall n p P θ D s R G gradient, (2 <= G)%nat ->
  (forall k, k ∈ P -> family n p θ k (D k) (s k) /\ (∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[k] = gradient k)) ->
  let J := E x ∼ (p θ) ∈ n, R x in
  let V_J := Σ k ∈ P, Var n (p θ) (fun x => (R x - J) * s k x) in
  let estimate k A := 1 / INR G * (Σ i ∈ G, (R (A i) - others G R A i) * s k (A i)) in
  Σ k ∈ P, (E A ∼ (p θ) ^ G ∈ n, (estimate k A - gradient k) ^ 2) =
    V_J / INR G +
    (Var n (p θ) R * (E x ∼ (p θ) ∈ n, norm2 P (fun k => s k x)) + norm2 P gradient) / (INR G * (INR G - 1)).
Proof.
  intros n p P θ D s R G gradient HG H J V_J estimate. apply le_INR in HG as HG'. simpl in HG'.
  rewrite (sum_ext P _ (fun k => 1 / INR G * Var n (p θ) (fun x => (R x - J) * s k x) +
    1 / (INR G * (INR G - 1)) * (Var n (p θ) R * (E x ∼ (p θ) ∈ n, s k x ^ 2) + gradient k ^ 2))).
  - rewrite sum_plus, !sum_scale, sum_plus, sum_scale. fold V_J. rewrite <- sum_swap. unfold norm2.
    rewrite (sum_ext n (fun x => p θ x * (Σ k ∈ P, s k x ^ 2)) (fun x => Σ k ∈ P, p θ x * s k x ^ 2)) by (intros; now rewrite sum_scale).
    field. lra.
  - intros k Hk. destruct (H k Hk) as [Hf Hg]. rewrite (D_unique _ _ _ _ Hg (D_mean n p θ k (D k) (s k) R Hf)). unfold estimate.
    rewrite (leave_one_out_entry n (p θ) (s k) R G HG (proj1 Hf θ) (mean_of_score n p θ k _ _ Hf)). fold J. field. lra.
Qed.

(* refuted: as if J were known *)
Theorem leave_one_out_variance_wrong : ~ forall n p P θ D s R G gradient, (2 <= G)%nat ->
  (forall k, k ∈ P -> family n p θ k (D k) (s k) /\ (∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[k] = gradient k)) ->
  let J := E x ∼ (p θ) ∈ n, R x in
  let V_J := Σ k ∈ P, Var n (p θ) (fun x => (R x - J) * s k x) in
  let estimate k A := 1 / INR G * (Σ i ∈ G, (R (A i) - others G R A i) * s k (A i)) in
  Σ k ∈ P, (E A ∼ (p θ) ^ G ∈ n, (estimate k A - gradient k) ^ 2) = V_J / INR G.
Proof.
  intros H. set (R := fun x => δ x 0). pose proof (family_softmax 2 log_third 0 ltac:(lia)) as Hf.
  pose proof (D_mean _ _ log_third 0 _ _ R Hf) as Hg. set (D := fun a => _) in Hf. set (s := fun a => _) in Hf.
  set (g := sum 2 _) in Hg.
  assert (Hk : forall k, k ∈ 1 -> family 2 (softmax 2) log_third k D s /\
    partial (fun θ => E x ∼ (softmax 2 θ) ∈ 2, R x) log_third k g) by (intros [|k] Hk; [easy|lia]).
  pose proof (H _ _ 1%nat log_third (fun _ => D) (fun _ => s) R 2%nat (fun _ => g) ltac:(lia) Hk) as Q.
  pose proof (leave_one_out_variance _ _ 1 log_third (fun _ => D) (fun _ => s) R 2 (fun _ => g) ltac:(lia) Hk) as Q'.
  pose proof (eq_trans (eq_sym Q) Q') as Q2. unfold g, s, R in Q2. differs Q2.
Qed.

(* eq-own-return c611e1c6 for every G *)
Theorem own_return : forall G R A i, (2 <= G)%nat -> i ∈ G ->
  let mean := 1 / INR G * (Σ j ∈ G, R (A j)) in
  R (A i) - mean = (INR G - 1) / INR G * (R (A i) - others G R A i).
Proof.
  intros G R A i HG Hi mean. apply le_INR in HG. simpl in HG. unfold others, mean.
  rewrite (sum_2 G (fun j => (1 - δ j i) * R (A j)) 1 (fun j => R (A j)) (-1) (fun j => δ j i * R (A j))), sum_δ
    by (easy || intros; ring). field. lra.
Qed.

(* refuted: factor forgotten *)
Theorem own_return_wrong : ~ forall G R A i, (2 <= G)%nat -> i ∈ G ->
  let mean := 1 / INR G * (Σ j ∈ G, R (A j)) in
  R (A i) - mean = R (A i) - others G R A i.
Proof.
  intros H. specialize (H 2%nat (fun x => δ x 0) (fun i => i) 0%nat ltac:(lia) ltac:(lia)). unfold others in H. differs H.
Qed.

(* eq-own-return-mean c6e399d2 for every n and every G *)
Theorem own_return_mean : forall n p θ k D s R G g, (2 <= G)%nat -> family n p θ k D s ->
  ∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[k] = g ->
  E A ∼ (p θ) ^ G ∈ n, 1 / INR G * (Σ i ∈ G, (R (A i) - 1 / INR G * (Σ j ∈ G, R (A j))) * s (A i)) =
    (INR G - 1) / INR G * g.
Proof.
  intros n p θ k D s R G g HG H Hg. rewrite (D_unique _ _ _ _ Hg (leave_one_out n p θ k D s R G HG H)), <- group_scale.
  apply group_ext. intros A. set (c := (INR G - 1) / INR G).
  rewrite (sum_1 G _ c (fun i => (R (A i) - others G R A i) * s (A i))); [ring|].
  intros i Hi. rewrite (own_return G R A i HG Hi). fold c. ring.
Qed.

(* refuted: (G − 1)/G forgotten *)
Theorem own_return_mean_wrong : ~ forall n p θ k D s R G g, (2 <= G)%nat -> family n p θ k D s ->
  ∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[k] = g ->
  E A ∼ (p θ) ^ G ∈ n, 1 / INR G * (Σ i ∈ G, (R (A i) - 1 / INR G * (Σ j ∈ G, R (A j))) * s (A i)) = g.
Proof.
  intros H. set (R := fun x => δ x 0). pose proof (family_softmax 2 log_third 0 ltac:(lia)) as Hf.
  pose proof (D_mean _ _ log_third 0 _ _ R Hf) as Hg.
  pose proof (H _ _ log_third 0%nat _ _ R 2%nat _ ltac:(lia) Hf Hg) as Q.
  pose proof (own_return_mean _ _ log_third 0 _ _ R 2 _ ltac:(lia) Hf Hg) as Q'. pose proof (eq_trans (eq_sym Q) Q') as Q2.
  unfold R in Q2. differs Q2.
Qed.

(* refuted: own return in the mean *)
Theorem leave_one_out_wrong : ~ forall n p θ k D s R G, (2 <= G)%nat -> family n p θ k D s ->
  ∂ (E x ∼ (p θ) ∈ n, R x) /∂ θ[k] =
    E A ∼ (p θ) ^ G ∈ n, 1 / INR G * (Σ i ∈ G, (R (A i) - 1 / INR G * (Σ j ∈ G, R (A j))) * s (A i)).
Proof.
  intros H. set (R := fun x => δ x 0). pose proof (family_softmax 2 log_third 0 ltac:(lia)) as Hf.
  pose proof (D_mean _ _ log_third 0 _ _ R Hf) as Hg. specialize (H _ _ log_third 0%nat _ _ R 2%nat ltac:(lia) Hf).
  pose proof (D_unique _ _ _ _ Hg H) as Q. pose proof (own_return_mean _ _ log_third 0 _ _ R 2 _ ltac:(lia) Hf Hg) as Q'.
  pose proof (eq_trans Q Q') as Q2. unfold R in Q2. differs Q2.
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
