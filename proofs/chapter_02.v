(* Chapter 2, "The log-derivative trick", for finitely many values of x.

   "family n p θ i D s": p θ is a distribution over n values with positive probabilities, D x is the derivative of
   p θ x with respect to the parameter θ_i, and s x that of its logarithm. A gradient has one such entry for each i. *)

Require Import Derivatives.

(* eq-log-derivative be7d639a for every p > 0 *)
Theorem log_derivative : forall (p : (nat -> R) -> nat -> R) θ i x D, 0 < p θ x ->
  ∂ (p θ x) /∂ θ[i] = D -> ∂ (ln (p θ x)) /∂ θ[i] = D / p θ x.
Proof.
  intros p θ i x D Hp H. eapply D_eq; [apply D_log; [cbv beta; now rewrite put_same|exact H]|].
  cbv beta. now rewrite put_same.
Qed.

(* refuted: not divided *)
Theorem log_derivative_wrong : ~ forall (p : (nat -> R) -> nat -> R) θ i x D, 0 < p θ x ->
  ∂ (p θ x) /∂ θ[i] = D -> ∂ (ln (p θ x)) /∂ θ[i] = D.
Proof.
  intros H. specialize (H (softmax 2) log_third 0%nat 0%nat _ ltac:(apply softmax_pos; lia)
    (D_softmax 2 log_third 0 0 ltac:(lia))).
  derivatives_differ H (D_log_softmax 2 log_third 0 0 ltac:(lia)).
Qed.

(* eq-score-function 229d34bb for every n and every f *)
Theorem score_function : forall n p θ i D s f, family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, f x) /∂ θ[i] = E x ∼ (p θ) ∈ n, f x * s x.
Proof. exact D_mean. Qed.

(* refuted: ∇p for ∇log p *)
Theorem score_function_wrong : ~ forall n p θ i D s f, family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, f x) /∂ θ[i] = E x ∼ (p θ) ∈ n, f x * D x.
Proof.
  intros H. specialize (H _ _ log_third 0%nat _ _ (fun x => δ x 0) (family_softmax 2 _ 0 ltac:(lia))).
  derivatives_differ H (D_mean _ _ log_third 0 _ _ (fun x => δ x 0) (family_softmax 2 _ 0 ltac:(lia))).
Qed.

(* eq-score-mean-zero c2e7c5b8 for every n *)
Theorem score_mean_zero : forall n p θ i D s, family n p θ i D s -> E x ∼ (p θ) ∈ n, s x = 0.
Proof. exact mean_of_score. Qed.

(* refuted: plain mean over x *)
Theorem score_mean_zero_wrong : ~ forall n p θ i D s, family n p θ i D s -> 1 / INR n * (Σ x ∈ n, s x) = 0.
Proof.
  intros H. specialize (H _ _ log_third 0%nat _ _ (family_softmax 2 _ 0 ltac:(lia))). differs H.
Qed.

(* eq-gradient-covariance 52dceb21 for every n and every f *)
Theorem gradient_covariance : forall n p θ i D s f, family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, f x) /∂ θ[i] = Cov n (p θ) f s.
Proof.
  intros n p θ i D s f H. eapply D_eq; [exact (D_mean n p θ i D s f H)|]. unfold Cov.
  rewrite (mean_of_score n p θ i D s H). set (m := E x ∼ (p θ) ∈ n, f x). symmetry.
  transitivity (1 * (E x ∼ (p θ) ∈ n, f x * s x) + - m * (E x ∼ (p θ) ∈ n, s x)).
  - apply sum_2. intros. ring.
  - rewrite (mean_of_score n p θ i D s H). ring.
Qed.

(* refuted: sign *)
Theorem gradient_covariance_wrong : ~ forall n p θ i D s f, family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, f x) /∂ θ[i] = - Cov n (p θ) f s.
Proof.
  intros H. specialize (H _ _ log_third 0%nat _ _ (fun x => δ x 0) (family_softmax 2 _ 0 ltac:(lia))).
  derivatives_differ H (D_mean _ _ log_third 0 _ _ (fun x => δ x 0) (family_softmax 2 _ 0 ltac:(lia))).
Qed.

(* eq-constants 287879d7 for every n, every f and every c *)
Theorem constants : forall n p θ i D s f c, family n p θ i D s ->
  E x ∼ (p θ) ∈ n, (f x + c) * s x = E x ∼ (p θ) ∈ n, f x * s x.
Proof.
  intros n p θ i D s f c H.
  rewrite (sum_2 n _ 1 (fun x => p θ x * (f x * s x)) c (fun x => p θ x * s x)), (mean_of_score n p θ i D s H)
    by (intros; ring). ring.
Qed.

(* refuted: ∇p for ∇log p *)
Theorem constants_wrong : ~ forall n p θ i D s f c, family n p θ i D s ->
  E x ∼ (p θ) ∈ n, (f x + c) * D x = E x ∼ (p θ) ∈ n, f x * D x.
Proof.
  intros H. specialize (H _ _ log_third 0%nat _ _ (fun _ => 0) 1 (family_softmax 2 _ 0 ltac:(lia))). differs H.
Qed.

(* f depends on θ as well; f' x is its derivative. *)
(* eq-f-depends 5879171f for every n and every f *)
Theorem f_depends : forall n p θ i D s (f : (nat -> R) -> nat -> R) f', family n p θ i D s ->
  (forall x, x ∈ n -> ∂ (f θ x) /∂ θ[i] = f' x) ->
  ∂ (E x ∼ (p θ) ∈ n, f θ x) /∂ θ[i] = (E x ∼ (p θ) ∈ n, f θ x * s x) + (E x ∼ (p θ) ∈ n, f' x).
Proof.
  intros n p θ i D s f f' H Hf. eapply D_eq.
  - apply (D_sum n (fun x t => p (put θ i t) x * f (put θ i t) x)). intros x Hx.
    apply (D_mult (fun t => p (put θ i t) x) (fun t => f (put θ i t) x)); [exact (proj1 (proj2 (proj2 H x Hx)))|exact (Hf x Hx)].
  - cbv beta. rewrite put_same, <- sum_plus. apply sum_ext. intros x Hx.
    rewrite <- (family_score n p θ i D s x H Hx). ring.
Qed.

(* refuted: only f *)
Theorem f_depends_wrong : ~ forall n p θ i D s (f : (nat -> R) -> nat -> R) f', family n p θ i D s ->
  (forall x, x ∈ n -> ∂ (f θ x) /∂ θ[i] = f' x) ->
  ∂ (E x ∼ (p θ) ∈ n, f θ x) /∂ θ[i] = E x ∼ (p θ) ∈ n, f' x.
Proof.
  intros H. specialize (H _ _ log_third 0%nat _ _ (fun _ x => δ x 0) (fun _ => 0) (family_softmax 2 _ 0 ltac:(lia))).
  specialize (H (fun x Hx => D_const (δ x 0) (log_third 0%nat))).
  derivatives_differ H (D_mean _ _ log_third 0 _ _ (fun x => δ x 0) (family_softmax 2 _ 0 ltac:(lia))).
Qed.
