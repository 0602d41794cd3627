(* Chapter 10, "What does backpropagation do with 1/π?" *)

Require Import Derivatives.

(* The last layer: h are H hidden values; entry (b, j) of the gradient in V is (δ − π_b) h_j, and entry b of that in d is δ − π_b. *)
(* eq-output-length 50f280d4 for every K and every width *)
Theorem output_length : forall K H π h a,
  (Σ b ∈ K, norm2 H (fun j => (δ a b - π b) * h j)) + norm2 K (fun b => δ a b - π b) =
  norm2 K (fun b => δ a b - π b) * (1 + norm2 H h).
Proof.
  intros K H π h a. rewrite (sum_ext K _ (fun b => norm2 H h * (δ a b - π b) ^ 2)).
  - rewrite sum_scale. fold (norm2 K (fun b => δ a b - π b)). ring.
  - intros b _. unfold norm2. rewrite (sum_1 H _ ((δ a b - π b) ^ 2) (fun j => h j ^ 2)) by (intros; ring). ring.
Qed.

(* refuted: bias forgotten *)
Theorem output_length_wrong : ~ forall K H π h a,
  (Σ b ∈ K, norm2 H (fun j => (δ a b - π b) * h j)) + norm2 K (fun b => δ a b - π b) =
  norm2 K (fun b => δ a b - π b) * norm2 H h.
Proof. intros H. specialize (H 2%nat 1%nat third (fun _ => 1) 0%nat). unfold norm2 in H. differs H. Qed.

(* The two forms of v(p). *)
(* eq-corridor-value c37bef61 for all p in (0, 1) *)
Theorem corridor_value : forall p : R, 0 < p < 1 ->
  - (1 / p) - 2 / (1 - p) - 3 / p = (2 * p - 4) / (p * (1 - p)).
Proof. intros p H. field. lra. Qed.

(* refuted: last step free *)
Theorem corridor_value_wrong : ~ forall p : R, 0 < p < 1 ->
  - (1 / p) - 2 / (1 - p) - 3 / p = (2 * p - 4) / (p * (1 - p)) + 1.
Proof. intros H. specialize (H (1 / 2) ltac:(lra)). lra. Qed.

(* eq-corridor-optimum c982e46d for all p in (0, 1) *)
Theorem corridor_optimum : let v p := (2 * p - 4) / (p * (1 - p)) in let best := 2 - sqrt 2 in
  0 < best < 1 /\
  v best = - (6 + 4 * sqrt 2) /\
  (forall p, 0 < p < 1 -> v p <= v best).
Proof.
  intros v best. pose proof (sqrt_sqrt 2 ltac:(lra)) as Hs. pose proof (sqrt_pos 2).
  assert (H1 : 1 < sqrt 2 < 2) by (split; nra).
  assert (Hv : v best = - (6 + 4 * sqrt 2)).
  { unfold v, best. apply (Rmult_eq_reg_r ((2 - sqrt 2) * (1 - (2 - sqrt 2)))); [|apply Rmult_integral_contrapositive; lra].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by (apply Rmult_integral_contrapositive; lra). nra. }
  split; [unfold best; lra|]. split; [exact Hv|]. intros p Hp. rewrite Hv. unfold v.
  apply Rle_div_l; [nra|]. pose proof (pow2_ge_0 (p - best)). unfold best in *.
  assert (0 <= (6 + 4 * sqrt 2) * (p - (2 - sqrt 2)) ^ 2) by (apply Rmult_le_pos; [lra|easy]).
  replace ((6 + 4 * sqrt 2) * (p - (2 - sqrt 2)) ^ 2) with ((6 + 4 * sqrt 2) * p ^ 2
    - 2 * p * (12 - 6 * sqrt 2 + 8 * sqrt 2 - 4 * (sqrt 2 * sqrt 2)) + (6 + 4 * sqrt 2) * (4 - 4 * sqrt 2 + sqrt 2 * sqrt 2)) in * by ring.
  rewrite Hs in *. nra.
Qed.

(* refuted: a fair coin *)
Theorem corridor_optimum_wrong : ~ let v p := (2 * p - 4) / (p * (1 - p)) in
  forall p, 0 < p < 1 -> v p <= v (1 / 2).
Proof. intros H. specialize (H (3 / 5) ltac:(lra)). cbv beta zeta in H. lra. Qed.

(* Entry (b, c): h a is the derivative of the score δ − π_b of action a with respect to z_c. *)
(* eq-surrogate-hessian b773481f for every K *)
Theorem surrogate_hessian : forall K z M r b c h, jacobian K z M -> b ∈ K -> c ∈ K -> let π := softmax K z in
  let J := E a ∼ π ∈ K, r a in
  (forall a, a ∈ K -> ∂ (δ a b - softmax K z b) /∂ z[c] = h a) ->
  E a ∼ π ∈ K, r a * h a = - J * M b c.
Proof.
  intros K z M r b c h HM Hb Hc π J Hh. rewrite (sum_1 K _ (- M b c) (fun a => π a * r a)); [fold J; ring|].
  intros a Ha. rewrite (D_unique _ _ _ _ (Hh a Ha) (D_minus _ _ _ _ _ (D_const _ _) (HM b c Hb Hc))). ring.
Qed.

(* refuted: J forgotten *)
Theorem surrogate_hessian_wrong : ~ forall K z M r b c h, jacobian K z M -> b ∈ K -> c ∈ K -> let π := softmax K z in
  (forall a, a ∈ K -> ∂ (δ a b - softmax K z b) /∂ z[c] = h a) ->
  E a ∼ π ∈ K, r a * h a = - M b c.
Proof.
  intros H. specialize (H 2%nat log_third _ (fun _ => 0) 0%nat 0%nat _ (jacobian_has _ _) ltac:(lia) ltac:(lia)
    (fun a Ha => D_minus _ _ _ _ _ (D_const (δ a 0) _) (D_softmax 2 log_third 0 0 ltac:(lia)))). differs H.
Qed.
