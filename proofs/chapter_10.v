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

(* Row b of V is v, and its bias is d: logit b is Σ v_j h_j + d, the other logits are those of z. Entry (b, j), and entry b. *)
(* eq-backprop-output dcca2680 for every K and every width *)
Theorem backprop_output : forall K z H v h d a b j, b ∈ K -> j ∈ H ->
  let logits v d := put z b ((Σ i ∈ H, v i * h i) + d) in let π := softmax K (logits v d) in
  (∂ (ln (softmax K (logits v d) a)) /∂ v[j] = (δ a b - π b) * h j) /\
  is_derive (fun d => ln (softmax K (logits v d) a)) d (δ a b - π b).
Proof.
  intros K z H v h d a b j Hb Hj logits π. set (x := (Σ i ∈ H, v i * h i) + d).
  assert (HD : is_derive (fun y => ln (softmax K (put z b y) a)) x (δ a b - π b)).
  { pose proof (D_log_softmax K (put z b x) a b Hb) as HD.
    replace (put z b x b) with x in HD by (unfold put; now rewrite Nat.eqb_refl).
    eapply is_derive_ext; [|exact HD]. intros y. cbv beta. f_equal. f_equal.
    apply FunctionalExtensionality.functional_extensionality. intros c. unfold put. now destruct (Nat.eqb c b). }
  split.
  - eapply D_eq.
    + apply (D_chain (fun y => ln (softmax K (put z b y) a)) (fun t => (Σ i ∈ H, put v j t i * h i) + d) (v j) (δ a b - π b)).
      * cbv beta. rewrite put_same. exact HD.
      * apply (D_plus (fun t => Σ i ∈ H, put v j t i * h i) (fun _ => d)); [|apply D_const].
        apply (D_sum H (fun i t => put v j t i * h i)). intros i _. apply (D_mult (fun t => put v j t i) (fun _ => h i)); [apply D_put|apply D_const].
    + cbv beta. rewrite (sum_ext H _ (fun i => δ i j * h i)), sum_δ by (easy || intros; ring). ring.
  - eapply D_eq; [apply (D_chain (fun y => ln (softmax K (put z b y) a)) (fun d => (Σ i ∈ H, v i * h i) + d) d (δ a b - π b)); [exact HD|]|].
    + apply (D_plus (fun _ => Σ i ∈ H, v i * h i) (fun d => d)); [apply D_const|apply D_id].
    + ring.
Qed.

(* refuted: e_a alone *)
Theorem backprop_output_wrong : ~ forall K z H v h d a b j, b ∈ K -> j ∈ H ->
  let logits v d := put z b ((Σ i ∈ H, v i * h i) + d) in
  ∂ (ln (softmax K (logits v d) a)) /∂ v[j] = δ a b * h j.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) 1%nat (fun _ => 0) (fun _ => 1) 0 0%nat 0%nat 0%nat ltac:(lia) ltac:(lia)).
  pose proof (proj1 (backprop_output 2 (fun _ => 0) 1 (fun _ => 0) (fun _ => 1) 0 0 0 0 ltac:(lia) ltac:(lia))) as H'.
  pose proof (D_unique _ _ _ _ H H') as Q. cbv zeta beta in Q.
  pose proof (softmax_pos 2 (put (fun _ => 0) 0 ((Σ i ∈ 1, 0 * 1) + 0)) 0 ltac:(lia)). lra.
Qed.

(* A batch of N samples: the return R i, the action a i in the state x i; s i are the scores. Entry k. *)
(* eq-surrogate-gradient f9f20a58 for every batch and every parameter *)
Theorem surrogate_gradient : forall N (π : (nat -> R) -> nat -> nat -> R) θ k R a x s L,
  (forall i, i ∈ N -> ∂ (ln (π θ (x i) (a i))) /∂ θ[k] = s i) ->
  ∂ (- (1 / INR N * (Σ i ∈ N, R i * ln (π θ (x i) (a i))))) /∂ θ[k] = L ->
  - L = 1 / INR N * (Σ i ∈ N, R i * s i).
Proof.
  intros N π θ k R a x s L Hs HL. assert (L = - (1 / INR N * (Σ i ∈ N, R i * s i))) as ->; [|ring].
  apply (D_unique _ _ _ _ HL). eapply D_eq.
  - apply (D_opp (fun y => 1 / INR N * (Σ i ∈ N, R i * ln (π (put θ k y) (x i) (a i))))).
    apply (D_mult (fun _ => 1 / INR N)); [apply D_const|].
    apply (D_sum N (fun i y => R i * ln (π (put θ k y) (x i) (a i)))). intros i Hi. apply (D_mult (fun _ => R i)); [apply D_const|exact (Hs i Hi)].
  - cbv beta. rewrite (sum_ext N (fun i => 0 * _ + R i * s i) (fun i => R i * s i)) by (intros; ring). ring.
Qed.

(* refuted: sign *)
Theorem surrogate_gradient_wrong : ~ forall N (π : (nat -> R) -> nat -> nat -> R) θ k R a x s L,
  (forall i, i ∈ N -> ∂ (ln (π θ (x i) (a i))) /∂ θ[k] = s i) ->
  ∂ (- (1 / INR N * (Σ i ∈ N, R i * ln (π θ (x i) (a i))))) /∂ θ[k] = L ->
  L = 1 / INR N * (Σ i ∈ N, R i * s i).
Proof.
  intros H. set (π := fun (θ : nat -> R) (_ _ : nat) => exp (θ 0%nat)).
  assert (Hs : forall i, i ∈ 1 -> partial (fun θ => ln (π θ 0%nat 0%nat)) (fun _ => 0) 0 1).
  { intros _ _. unfold partial, π, put. cbn. apply is_derive_ext with (fun y => y); [intros; now rewrite ln_exp|apply D_id]. }
  assert (HL : partial (fun θ => - (1 / INR 1 * (Σ i ∈ 1, 1 * ln (π θ 0%nat 0%nat)))) (fun _ => 0) 0 (-1)).
  { apply is_derive_ext with (fun y => - y); [|eapply D_eq; [apply D_opp, D_id|ring]].
    intros y. unfold π, put. cbn [sum INR Nat.eqb]. rewrite ln_exp. match goal with |- ?l = ?r => change (@eq R l r) end. field. }
  pose proof (H 1%nat π (fun _ => 0) 0%nat (fun _ => 1) (fun _ => 0%nat) (fun _ => 0%nat) (fun _ => 1) (-1) Hs HL) as Q.
  cbn [sum INR] in Q. lra.
Qed.

(* Two parameters z; action 0 is "right", and y is 1 for it. The update moves each by α R times its score. *)
(* eq-corridor-step e857759b for every policy of two actions *)
Theorem corridor_step : forall z α R s a, a ∈ 2 -> scores 2 z s ->
  let p := softmax 2 z 0 in let y := δ a 0 in
  α * R * s a 0%nat - α * R * s a 1%nat = 2 * α * R * (y - p).
Proof.
  intros z α R s a Ha Hs p y. rewrite !(scores_is 2 z s a _ Hs) by (easy || lia).
  pose proof (policy_sum 2 _ (softmax_policy 2 z ltac:(lia))) as H1. cbn [sum] in H1. fold p in H1 |- *.
  replace (softmax 2 z 1) with (1 - p) by lra. unfold y. destruct a as [|[|a]]; [| |lia]; unfold δ; cbn [Nat.eqb]; ring.
Qed.

(* refuted: 2 forgotten *)
Theorem corridor_step_wrong : ~ forall z α R s a, a ∈ 2 -> scores 2 z s ->
  let p := softmax 2 z 0 in let y := δ a 0 in
  α * R * s a 0%nat - α * R * s a 1%nat = α * R * (y - p).
Proof. intros H. specialize (H log_third 1 1 _ 0%nat ltac:(lia) (scores_has _ _)). differs H. Qed.
