(* Chapter 5, "What do all scores have in common?", for finitely many values of x. *)

Require Import Groups chapter_02.

(* An exponential family with P parameters: weights m > 0 and features φ; p θ x is its probability of x. *)
Definition exponential (n P : nat) (m : nat -> R) (φ : nat -> nat -> R) (θ : nat -> R) (x : nat) : R :=
  m x * exp (Σ j ∈ P, θ j * φ j x) / (Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y)).

Lemma exponential_sum_pos n P m φ θ x : x ∈ n -> (forall y, y ∈ n -> 0 < m y) ->
  0 < Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y).
Proof. intros Hx Hm. apply sum_pos; [lia|]. intros y Hy. apply Rmult_lt_0_compat; [auto|apply exp_pos]. Qed.

Lemma D_weight P (m : nat -> R) φ θ i x : i ∈ P ->
  ∂ (m x * exp (Σ j ∈ P, θ j * φ j x)) /∂ θ[i] = m x * exp (Σ j ∈ P, θ j * φ j x) * φ i x.
Proof.
  intros Hi. eapply D_eq.
  - apply (D_mult (fun _ => m x) (fun t => exp (Σ j ∈ P, put θ i t j * φ j x))); [apply D_const|].
    apply (D_exp (fun t => Σ j ∈ P, put θ i t j * φ j x)). apply (D_sum P (fun j t => put θ i t j * φ j x)). intros j _.
    apply (D_mult (fun t => put θ i t j) (fun _ => φ j x)); [apply D_put|apply D_const].
  - cbv beta. rewrite put_same. rewrite (sum_ext P (fun j => δ j i * φ j x + θ j * 0) (fun j => δ j i * φ j x)) by (intros; ring).
    rewrite (sum_δ P i (fun j => φ j x) Hi). ring.
Qed.

(* Entry i of the score. *)
(* eq-exponential-score c54cd010 for every finite family *)
Theorem exponential_score : forall n P m φ θ i x, (forall y, y ∈ n -> 0 < m y) -> x ∈ n -> i ∈ P ->
  let p := exponential n P m φ in
  ∂ (ln (exponential n P m φ θ x)) /∂ θ[i] = φ i x - (E y ∼ (p θ) ∈ n, φ i y).
Proof.
  intros n P m φ θ i x Hm Hx Hi p. pose proof (exponential_sum_pos n P m φ θ x Hx Hm) as HZ.
  pose proof (Hm x Hx). pose proof (exp_pos (Σ j ∈ P, θ j * φ j x)).
  assert (Hw : 0 < m x * exp (Σ j ∈ P, θ j * φ j x)) by now apply Rmult_lt_0_compat.
  set (Z := Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y)) in *.
  assert (HD : ∂ (exponential n P m φ θ x) /∂ θ[i] =
    (m x * exp (Σ j ∈ P, θ j * φ j x) * φ i x * Z -
     m x * exp (Σ j ∈ P, θ j * φ j x) * (Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y) * φ i y)) / Z ^ 2).
  { unfold exponential. eapply D_eq.
    - apply (D_div (fun t => m x * exp (Σ j ∈ P, put θ i t j * φ j x)) (fun t => Σ y ∈ n, m y * exp (Σ j ∈ P, put θ i t j * φ j y))).
      + exact (D_weight P m φ θ i x Hi).
      + apply (D_sum n (fun y t => m y * exp (Σ j ∈ P, put θ i t j * φ j y))). intros y _. exact (D_weight P m φ θ i y Hi).
      + cbv beta. rewrite put_same. fold Z. lra.
    - cbv beta. rewrite put_same. fold Z. reflexivity. }
  eapply D_eq; [apply D_log; [cbv beta; rewrite put_same; unfold exponential; fold Z; now apply Rdiv_lt_0_compat|exact HD]|].
  cbv beta. rewrite put_same. unfold p, exponential. fold Z.
  rewrite (sum_1 n (fun y => m y * exp (Σ j ∈ P, θ j * φ j y) / Z * φ i y) (/ Z)
    (fun y => m y * exp (Σ j ∈ P, θ j * φ j y) * φ i y)) by (intros; field; lra). field. lra.
Qed.

(* refuted: mean forgotten *)
Theorem exponential_score_wrong : ~ forall n P m φ θ i x, (forall y, y ∈ n -> 0 < m y) -> x ∈ n -> i ∈ P ->
  ∂ (ln (exponential n P m φ θ x)) /∂ θ[i] = φ i x.
Proof.
  intros H. specialize (H 1%nat 1%nat (fun _ => 1) (fun _ _ => 1) (fun _ => 0) 0%nat 0%nat ltac:(intros; lra) ltac:(lia) ltac:(lia)).
  pose proof (exponential_score 1 1 (fun _ => 1) (fun _ _ => 1) (fun _ => 0) 0 0 ltac:(intros; lra) ltac:(lia) ltac:(lia)) as H'.
  pose proof (D_unique _ _ _ _ H H') as Q. unfold exponential in Q. cbn [sum] in Q.
  pose proof (exp_pos (0 + 0 * 1)). field_simplify in Q; lra.
Qed.

(* s θ i x is the score in θ_i, at every θ, and H x its derivative with respect to θ_j: the second one of log p. Entry i, j. *)
(* eq-fisher-information 85d7a3ef for every n and every number of parameters *)
Theorem fisher_information : forall n P p D s θ i j H, i ∈ P -> j ∈ P ->
  (forall θ k, k ∈ P -> family n p θ k (D θ k) (s θ k)) ->
  (forall x, x ∈ n -> ∂ (s θ i x) /∂ θ[j] = H x) ->
  E x ∼ (p θ) ∈ n, s θ i x * s θ j x = - (E x ∼ (p θ) ∈ n, H x).
Proof.
  intros n P p D s θ i j H Hi Hj Hf HH.
  enough ((E x ∼ (p θ) ∈ n, s θ i x * s θ j x) + (E x ∼ (p θ) ∈ n, H x) = 0) by lra.
  (* The score has the mean zero at every θ: the derivative of this mean is zero too. *)
  apply (D_unique (fun t => E x ∼ (p (put θ j t)) ∈ n, s (put θ j t) i x) (θ j)).
  - exact (f_depends n p θ j (D θ j) (s θ j) (fun θ => s θ i) H (Hf θ j Hj) HH).
  - apply is_derive_ext with (fun _ => 0); [|apply D_const]. intros t. symmetry.
    exact (mean_of_score n p _ i (D _ i) (s _ i) (Hf _ i Hi)).
Qed.

(* refuted: sign *)
Theorem fisher_information_wrong : ~ forall n P p D s θ i j H, i ∈ P -> j ∈ P ->
  (forall θ k, k ∈ P -> family n p θ k (D θ k) (s θ k)) ->
  (forall x, x ∈ n -> ∂ (s θ i x) /∂ θ[j] = H x) ->
  E x ∼ (p θ) ∈ n, s θ i x * s θ j x = E x ∼ (p θ) ∈ n, H x.
Proof.
  intros H. specialize (H 2%nat 2%nat (softmax 2) _ (fun θ k a => δ a k - softmax 2 θ k) log_third 0%nat 0%nat
    (fun a => 0 - softmax 2 log_third 0 * (δ 0 0 - softmax 2 log_third 0)) ltac:(lia) ltac:(lia) (fun θ k Hk => family_softmax 2 θ k Hk)).
  specialize (H (fun x _ => D_minus _ _ _ _ _ (D_const _ _) (D_softmax 2 log_third 0 0 ltac:(lia)))). differs H.
Qed.

(* f is any number that depends on the draw, such as one entry of f s; A is a list of N independent draws. *)
(* eq-monte-carlo 19919bbb for every n and every N *)
Theorem monte_carlo : forall n p f N, (1 <= N)%nat -> sum n p = 1 ->
  let average A := 1 / INR N * (Σ i ∈ N, f (A i)) in let m := E x ∼ p ∈ n, f x in
  E A ∼ p ^ N ∈ n, average A = m /\
  E A ∼ p ^ N ∈ n, (average A - m) ^ 2 = 1 / INR N * Var n p f.
Proof.
  intros n p f N HN Hp average m. apply le_INR in HN as HN'. simpl in HN'.
  assert (Hm : E A ∼ p ^ N ∈ n, average A = m).
  { unfold average. rewrite group_scale, (group_sum N n p N _ Hp).
    rewrite (sum_ext N _ (fun _ => m)); [rewrite sum_const; field; lra|]. intros i Hi. now apply (group_one N n p i f). }
  split; [exact Hm|]. set (g := fun x => f x - m).
  assert (Hg : E x ∼ p ∈ n, g x = 0).
  { unfold g. rewrite (sum_2 n _ 1 (fun x => p x * f x) (- m) p) by (intros; ring). fold m. rewrite Hp. ring. }
  rewrite (group_ext N n p _ (fun A => (1 / INR N) ^ 2 * (Σ i ∈ N, (Σ j ∈ N, g (A i) * g (A j))))).
  - rewrite group_scale, (group_sum N n p N _ Hp). rewrite (sum_ext N _ (fun _ => Var n p f)).
    + rewrite sum_const. field. lra.
    + intros i Hi. rewrite (group_sum N n p N _ Hp). rewrite (sum_ext N _ (fun j => δ j i * Var n p f)).
      * now rewrite (sum_δ N i (fun _ => Var n p f)).
      * intros j Hj. unfold δ. destruct (Nat.eqb_spec j i) as [->|Hne].
        -- rewrite Rmult_1_l. rewrite (group_one N n p i (fun x => g x * g x) Hp Hi). apply sum_ext. intros. unfold g. fold m. ring.
        -- rewrite (group_two N n p i j g g Hp Hi Hj) by auto. rewrite Hg. ring.
  - intros A. rewrite (sum_ext N (fun i => Σ j ∈ N, g (A i) * g (A j)) (fun i => (Σ j ∈ N, g (A j)) * g (A i))).
    + rewrite sum_scale. unfold g at 1 2. rewrite !sum_minus, !sum_const. unfold average. field. lra.
    + intros i _. rewrite sum_scale. ring.
Qed.

(* refuted: variance as of one *)
Theorem monte_carlo_wrong : ~ forall n p f N, (1 <= N)%nat -> sum n p = 1 ->
  let average A := 1 / INR N * (Σ i ∈ N, f (A i)) in let m := E x ∼ p ∈ n, f x in
  E A ∼ p ^ N ∈ n, (average A - m) ^ 2 = Var n p f.
Proof.
  intros H. assert (H1 : sum 2 third = 1) by (apply policy_sum, third_policy).
  pose proof (H 2%nat third (fun x => δ x 0) 2%nat ltac:(lia) H1) as Q.
  pose proof (proj2 (monte_carlo 2 third (fun x => δ x 0) 2 ltac:(lia) H1)) as Q'. cbv zeta in Q, Q'.
  pose proof (eq_trans (eq_sym Q) Q') as Q2. differs Q2.
Qed.
