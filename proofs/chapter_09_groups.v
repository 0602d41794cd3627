(* Chapter 9, "What should we subtract from the return?": the mean of the other returns of a group.

   "E A ∼ p ^ G ∈ n, t" is the mean over groups A of G independent draws; R (A i) is what draw i was paid. *)

Require Import Groups.

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

(* The estimate of leave-one-out has the mean "gradient", as just proved: on the left stands its variance, over all P
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
