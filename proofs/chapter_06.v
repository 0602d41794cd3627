(* Chapter 6, "When can a probability leave [0, 1]?"

   The outcome y of a coin is 0 or 1, and p is the probability of 1. What outcome y pays is r y.
   "score q x s" says that s y is the derivative of log P(y) with respect to a parameter x, where q x is the probability
   of outcome 1: "fun p => p" for the parameter p itself, "logistic" for the logit θ. *)

Require Import Derivatives.

(* The probability of outcome y, and the expected return. *)
Definition coin (p : R) (y : nat) : R := match y with O => 1 - p | _ => p end.
Definition J (r : nat -> R) (p : R) : R := p * r 1%nat + (1 - p) * r 0%nat.

(* The probability of outcome 1 that belongs to the logit θ. *)
Definition logistic (θ : R) : R := 1 / (1 + exp (- θ)).

Definition score (q : R -> R) (x : R) (s : nat -> R) : Prop :=
  forall y, y ∈ 2 -> is_derive (fun x => ln (coin (q x) y)) x (s y).

(* A number cut to the interval from ℓ to 1 − ℓ. *)
Definition clip (ℓ x : R) : R := Rmax ℓ (Rmin (1 - ℓ) x).

Lemma D_coin q x D y : 0 < q x < 1 -> is_derive q x D -> y ∈ 2 ->
  is_derive (fun x => ln (coin (q x) y)) x (D * (INR y - q x) / (q x * (1 - q x))).
Proof.
  intros Hq HD Hy. destruct y as [|[|y]]; [| |lia]; cbn [coin INR]; eapply D_eq.
  - apply (D_log (fun x => 1 - q x)); [lra|]. apply (D_minus (fun _ => 1) q); [apply D_const|exact HD].
  - field. lra.
  - apply (D_log q); [lra|exact HD].
  - field. lra.
Qed.

Lemma score_has q x D : 0 < q x < 1 -> is_derive q x D -> score q x (fun y => D * (INR y - q x) / (q x * (1 - q x))).
Proof. intros Hq HD y Hy. now apply D_coin. Qed.

Lemma score_is q x D s : 0 < q x < 1 -> is_derive q x D -> score q x s ->
  s 0%nat = - (D / (1 - q x)) /\ s 1%nat = D / q x.
Proof.
  intros Hq HD Hs. split.
  - rewrite (D_unique _ _ _ _ (Hs 0%nat ltac:(lia)) (D_coin q x D 0 Hq HD ltac:(lia))). cbn [INR]. field. lra.
  - rewrite (D_unique _ _ _ _ (Hs 1%nat ltac:(lia)) (D_coin q x D 1 Hq HD ltac:(lia))). cbn [INR]. field. lra.
Qed.

Lemma score_p p s : 0 < p < 1 -> score (fun p => p) p s -> s 0%nat = - (1 / (1 - p)) /\ s 1%nat = 1 / p.
Proof. intros Hp. apply (score_is (fun p => p) p 1 s Hp (D_id p)). Qed.

Lemma logistic_range θ : 0 < logistic θ < 1.
Proof.
  pose proof (exp_pos (- θ)). unfold logistic. split; [apply Rdiv_lt_0_compat; lra|].
  apply (Rmult_lt_reg_r (1 + exp (- θ))); [lra|]. field_simplify; lra.
Qed.

Lemma D_logistic θ : is_derive logistic θ (logistic θ * (1 - logistic θ)).
Proof.
  pose proof (exp_pos (- θ)). unfold logistic. eapply D_eq; [derive; lra|]. field. lra.
Qed.

Lemma score_logit θ s : score logistic θ s -> s 0%nat = - logistic θ /\ s 1%nat = 1 - logistic θ.
Proof.
  intros Hs. pose proof (logistic_range θ). destruct (score_is _ _ _ s H (D_logistic θ) Hs) as [-> ->]. split; field; lra.
Qed.

(* Brings what is said of a coin down to its two outcomes. *)
Ltac outcomes := unfold Var, J; cbn [sum coin INR].

(* The points at which wrong versions are refuted: p = 1/3 and its logit. *)
Lemma third_range : 0 < 1 / 3 < 1.
Proof. lra. Qed.

Lemma score_third : score (fun p => p) (1 / 3) (fun y => 1 * (INR y - 1 / 3) / (1 / 3 * (1 - 1 / 3))).
Proof. exact (score_has (fun p => p) _ 1 third_range (D_id _)). Qed.

(* The logit of 1/3. *)
Definition θ3 : R := - ln 2.

Lemma logistic_third : logistic θ3 = 1 / 3.
Proof. unfold logistic, θ3. rewrite Ropp_involutive, exp_ln by lra. lra. Qed.

Ltac coins_differ H :=
  cbv zeta in H; unfold Var, J in H; cbn [sum coin INR δ Nat.eqb] in H; unfold δ in H; cbn [Nat.eqb] in H;
  rewrite ?logistic_third in H; lra.

(* eq-score-bernoulli-pieces 8ed8496b for every p *)
Theorem score_bernoulli_pieces : forall p, 0 < p < 1 ->
  is_derive (fun p => ln (coin p 1)) p (1 / p) /\
  is_derive (fun p => ln (coin p 0)) p (- (1 / (1 - p))).
Proof.
  intros p Hp. split; (eapply D_eq; [apply (D_coin (fun p => p) p 1 _ Hp (D_id p)); lia|]); cbn [INR]; field; lra.
Qed.

(* refuted: minus missing *)
Theorem score_bernoulli_pieces_wrong : ~ forall p, 0 < p < 1 ->
  is_derive (fun p => ln (coin p 0)) p (1 / (1 - p)).
Proof.
  intros H. pose proof (D_unique _ _ _ _ (H _ third_range) (proj2 (score_bernoulli_pieces _ third_range))). lra.
Qed.

(* eq-score-bernoulli dab6604b for every p *)
Theorem score_bernoulli : forall p y, 0 < p < 1 -> y ∈ 2 ->
  is_derive (fun p => ln (coin p y)) p ((INR y - p) / (p * (1 - p))).
Proof.
  intros p y Hp Hy. eapply D_eq; [exact (D_coin (fun p => p) p 1 y Hp (D_id p) Hy)|]. cbv beta. field. lra.
Qed.

(* refuted: p(1 − p) forgotten *)
Theorem score_bernoulli_wrong : ~ forall p y, 0 < p < 1 -> y ∈ 2 ->
  is_derive (fun p => ln (coin p y)) p (INR y - p).
Proof.
  intros H. pose proof (D_unique _ _ _ _ (H _ 1%nat third_range ltac:(lia)) (score_bernoulli _ 1 third_range ltac:(lia))) as Q.
  coins_differ Q.
Qed.

(* eq-bernoulli-expected-p aa5ba685 for every p and all returns *)
Theorem bernoulli_expected_p : forall p r s, 0 < p < 1 -> score (fun p => p) p s ->
  let r0 := r 0%nat in let r1 := r 1%nat in
  E y ∼ (coin p) ∈ 2, r y * s y = r1 - r0 /\
  is_derive (J r) p (r1 - r0).
Proof.
  intros p r s Hp Hs r0 r1. destruct (score_p p s Hp Hs) as [H0 H1]. split.
  - outcomes. rewrite H0, H1. fold r0 r1. field. lra.
  - unfold J. eapply D_eq; [derive|]. fold r0 r1. ring.
Qed.

(* refuted: 1/p left over *)
Theorem bernoulli_expected_p_wrong : ~ forall p r s, 0 < p < 1 -> score (fun p => p) p s ->
  let r0 := r 0%nat in let r1 := r 1%nat in
  E y ∼ (coin p) ∈ 2, r y * s y = (r1 - r0) / p.
Proof. intros H. specialize (H _ (fun y => δ y 1) _ third_range score_third). coins_differ H. Qed.

(* Neither return is negative; α is the step size. On the left, both outcomes stay inside. *)
(* eq-bernoulli-room 18758146 for every p, every step and all returns ≥ 0 *)
Theorem bernoulli_room : forall p α r s, 0 < p < 1 -> 0 < α -> score (fun p => p) p s ->
  let r0 := r 0%nat in let r1 := r 1%nat in
  0 <= r0 -> 0 <= r1 ->
  ((forall y, y ∈ 2 -> 0 < p + α * r y * s y < 1) <-> α * Rmax r0 r1 < p * (1 - p)).
Proof.
  intros p α r s Hp Hα Hs r0 r1 Hr0 Hr1. destruct (score_p p s Hp Hs) as [H0 H1].
  assert (E0 : (p + α * r0 * s 0%nat) * (1 - p) = p * (1 - p) - α * r0) by (rewrite H0; field; lra).
  assert (E1 : (1 - (p + α * r1 * s 1%nat)) * p = p * (1 - p) - α * r1) by (rewrite H1; field; lra).
  assert (L0 : α * r0 * s 0%nat <= 0).
  { rewrite H0. pose proof (Rdiv_lt_0_compat 1 (1 - p) ltac:(lra) ltac:(lra)).
    pose proof (Rmult_le_pos (α * r0) (1 / (1 - p)) ltac:(apply Rmult_le_pos; lra) ltac:(lra)). lra. }
  assert (L1 : 0 <= α * r1 * s 1%nat).
  { rewrite H1. pose proof (Rdiv_lt_0_compat 1 p ltac:(lra) ltac:(lra)).
    apply (Rmult_le_pos (α * r1)); [apply Rmult_le_pos; lra|lra]. }
  split.
  - intros H. pose proof (H 0%nat ltac:(lia)) as I0. pose proof (H 1%nat ltac:(lia)) as I1. fold r0 in I0. fold r1 in I1.
    pose proof (Rmult_lt_0_compat _ (1 - p) (proj1 I0) ltac:(lra)).
    pose proof (Rmult_lt_0_compat (1 - (p + α * r1 * s 1%nat)) p ltac:(lra) ltac:(lra)).
    unfold Rmax. destruct (Rle_dec r0 r1); lra.
  - intros H. pose proof (Rmult_le_compat_l α _ _ ltac:(lra) (Rmax_l r0 r1)).
    pose proof (Rmult_le_compat_l α _ _ ltac:(lra) (Rmax_r r0 r1)).
    assert (0 < p + α * r0 * s 0%nat) by (apply (Rmult_lt_reg_r (1 - p)); lra).
    assert (0 < 1 - (p + α * r1 * s 1%nat)) by (apply (Rmult_lt_reg_r p); lra).
    intros [|[|y]] Hy; [fold r0; lra|fold r1; lra|lia].
Qed.

(* refuted: smaller return *)
Theorem bernoulli_room_wrong : ~ forall p α r s, 0 < p < 1 -> 0 < α -> score (fun p => p) p s ->
  let r0 := r 0%nat in let r1 := r 1%nat in
  0 <= r0 -> 0 <= r1 ->
  ((forall y, y ∈ 2 -> 0 < p + α * r y * s y < 1) <-> α * Rmin r0 r1 < p * (1 - p)).
Proof.
  intros H. specialize (H _ 1 (fun y => δ y 1) _ third_range Rlt_0_1 score_third). cbv zeta in H.
  unfold δ in H. cbn [Nat.eqb] in H. rewrite Rmin_left in H by lra.
  pose proof (proj2 (H ltac:(lra) ltac:(lra)) ltac:(lra) 1%nat ltac:(lia)) as Q. coins_differ Q.
Qed.

(* The line of let is where p is on average after one clipped update. *)
(* eq-bernoulli-clipped dabce3b3 for every p, every ℓ ≤ ½, every step and all returns *)
Theorem bernoulli_clipped : forall p ℓ α r s, 0 < p < 1 -> 0 < ℓ <= 1 / 2 -> score (fun p => p) p s ->
  let next := E y ∼ (coin p) ∈ 2, clip ℓ (p + α * r y * s y) in
  α * r 1%nat >= p * (1 - ℓ - p) -> α * r 0%nat >= (1 - p) * (p - ℓ) ->
  next - p = ℓ * (1 - 2 * p).
Proof.
  intros p ℓ α r s Hp Hl Hs next C1 C0. destruct (score_p p s Hp Hs) as [H0 H1].
  assert (E1 : 1 - ℓ <= p + α * r 1%nat * s 1%nat).
  { rewrite H1. apply (Rmult_le_reg_r p); [lra|].
    replace ((p + α * r 1%nat * (1 / p)) * p) with (p * p + α * r 1%nat) by (field; lra). lra. }
  assert (E0 : p + α * r 0%nat * s 0%nat <= ℓ).
  { rewrite H0. apply (Rmult_le_reg_r (1 - p)); [lra|].
    replace ((p + α * r 0%nat * - (1 / (1 - p))) * (1 - p)) with (p * (1 - p) - α * r 0%nat) by (field; lra). lra. }
  unfold next, clip. outcomes.
  rewrite (Rmin_left _ _ E1), (Rmin_right (1 - ℓ)), (Rmax_left _ _ E0), Rmax_right by lra. ring.
Qed.

(* refuted: clipping is neutral *)
Theorem bernoulli_clipped_wrong : ~ forall p ℓ α r s, 0 < p < 1 -> 0 < ℓ <= 1 / 2 -> score (fun p => p) p s ->
  let next := E y ∼ (coin p) ∈ 2, clip ℓ (p + α * r y * s y) in
  α * r 1%nat >= p * (1 - ℓ - p) -> α * r 0%nat >= (1 - p) * (p - ℓ) ->
  next - p = 0.
Proof.
  intros H. specialize (H _ (1 / 4) 1 (fun _ => 1) _ third_range ltac:(lra) score_third).
  pose proof (bernoulli_clipped _ (1 / 4) 1 (fun _ => 1) _ third_range ltac:(lra) score_third) as H'. cbv zeta in H, H'.
  specialize (H ltac:(lra) ltac:(lra)). specialize (H' ltac:(lra) ltac:(lra)). lra.
Qed.

(* eq-bernoulli-slope 48ee1c65 for every θ *)
Theorem bernoulli_slope : forall θ, let p := logistic θ in
  is_derive logistic θ (p * (1 - p)).
Proof. exact D_logistic. Qed.

(* refuted: p² for p(1 − p) *)
Theorem bernoulli_slope_wrong : ~ forall θ, let p := logistic θ in is_derive logistic θ (p ^ 2).
Proof. intros H. pose proof (D_unique _ _ _ _ (H θ3) (D_logistic θ3)) as Q. coins_differ Q. Qed.

Lemma D_coin_logit θ y : y ∈ 2 -> is_derive (fun θ => ln (coin (logistic θ) y)) θ (INR y - logistic θ).
Proof.
  intros Hy. pose proof (logistic_range θ). eapply D_eq; [exact (D_coin _ _ _ y H (D_logistic θ) Hy)|]. field. lra.
Qed.

(* eq-score-bernoulli-logit 60287e54 for every θ *)
Theorem score_bernoulli_logit : forall θ y, y ∈ 2 -> let p := logistic θ in
  is_derive (fun θ => ln (coin (logistic θ) y)) θ ((INR y - p) / (p * (1 - p)) * (p * (1 - p))) /\
  (INR y - p) / (p * (1 - p)) * (p * (1 - p)) = INR y - p.
Proof.
  intros θ y Hy p. assert (0 < p < 1) by apply logistic_range.
  assert (Hs : (INR y - p) / (p * (1 - p)) * (p * (1 - p)) = INR y - p) by (field; lra).
  rewrite Hs. split; [now apply D_coin_logit|easy].
Qed.

(* refuted: dp/dθ forgotten *)
Theorem score_bernoulli_logit_wrong : ~ forall θ y, y ∈ 2 -> let p := logistic θ in
  is_derive (fun θ => ln (coin (logistic θ) y)) θ ((INR y - p) / (p * (1 - p))).
Proof.
  intros H. pose proof (D_unique _ _ _ _ (H θ3 1%nat ltac:(lia)) (D_coin_logit θ3 1 ltac:(lia))) as Q. coins_differ Q.
Qed.

(* The two logits 0 and θ. *)
Definition zero_and (θ : R) (y : nat) : R := match y with O => 0 | _ => θ end.

Lemma softmax_coin θ y : y ∈ 2 -> softmax 2 (zero_and θ) y = coin (logistic θ) y.
Proof.
  intros Hy. pose proof (exp_pos θ). unfold softmax, logistic. rewrite exp_Ropp.
  destruct y as [|[|y]]; [| |lia]; cbn [sum coin zero_and]; rewrite exp_0; field; lra.
Qed.

(* eq-bernoulli-softmax 94c4baf0 for every θ *)
Theorem bernoulli_softmax : forall θ, let p := logistic θ in
  softmax 2 (zero_and θ) 0 = 1 - p /\ softmax 2 (zero_and θ) 1 = p.
Proof. intros θ p. split; apply softmax_coin; lia. Qed.

(* refuted: outcomes swapped *)
Theorem bernoulli_softmax_wrong : ~ forall θ, let p := logistic θ in
  softmax 2 (zero_and θ) 0 = p.
Proof. intros H. pose proof (H θ3) as Q. cbv zeta in Q. rewrite softmax_coin in Q by lia. coins_differ Q. Qed.

(* The last line says that v is the second component of the score of this softmax exactly if it is the coin's score. *)
(* prop-bernoulli-softmax 4de24a83 for every θ *)
Theorem coin_is_softmax : forall θ y, y ∈ 2 -> let z := zero_and θ in
  softmax 2 z y = coin (logistic θ) y /\
  forall v, (∂ (ln (softmax 2 z y)) /∂ z[1%nat] = v) <-> is_derive (fun θ => ln (coin (logistic θ) y)) θ v.
Proof.
  intros θ y Hy z. split; [now apply softmax_coin|]. intros v.
  pose proof (D_log_softmax 2 z y 1 ltac:(lia)) as Hz. unfold z in Hz at 3. rewrite (softmax_coin θ 1) in Hz by lia.
  pose proof (D_coin_logit θ y Hy) as Hc.
  assert (Hy' : δ y 1 = INR y) by (destruct y as [|[|y]]; [easy|easy|lia]). rewrite Hy' in Hz. cbn [coin] in Hz.
  split; intros Hv; [rewrite (D_unique _ _ _ _ Hv Hz)|rewrite (D_unique _ _ _ _ Hv Hc)]; assumption.
Qed.

(* refuted: first component *)
Theorem coin_is_softmax_wrong : ~ forall θ y, y ∈ 2 -> let z := zero_and θ in
  forall v, (∂ (ln (softmax 2 z y)) /∂ z[0%nat] = v) <-> is_derive (fun θ => ln (coin (logistic θ) y)) θ v.
Proof.
  intros H. pose proof (proj1 (H θ3 0%nat ltac:(lia) _) (D_log_softmax 2 (zero_and θ3) 0 0 ltac:(lia))) as H'.
  pose proof (D_unique _ _ _ _ H' (D_coin_logit θ3 0 ltac:(lia))) as Q. rewrite softmax_coin in Q by lia. coins_differ Q.
Qed.

(* eq-bernoulli-expected-logit 5a8183f1 for every θ and all returns *)
Theorem bernoulli_expected_logit : forall θ r, let p := logistic θ in
  let r0 := r 0%nat in let r1 := r 1%nat in
  E y ∼ (coin p) ∈ 2, r y * (INR y - p) = p * (1 - p) * (r1 - r0) /\
  is_derive (fun θ => J r (logistic θ)) θ (p * (1 - p) * (r1 - r0)).
Proof.
  intros θ r p r0 r1. split; [outcomes; unfold r0, r1; ring|].
  unfold J. eapply D_eq; [|]; [derive; apply D_logistic|]. fold p. unfold r0, r1. ring.
Qed.

(* refuted: p(1 − p) forgotten *)
Theorem bernoulli_expected_logit_wrong : ~ forall θ r, let p := logistic θ in
  let r0 := r 0%nat in let r1 := r 1%nat in
  E y ∼ (coin p) ∈ 2, r y * (INR y - p) = r1 - r0.
Proof. intros H. specialize (H θ3 (fun y => δ y 1)). coins_differ H. Qed.

(* prop-bernoulli-stays dd09fa4a for every θ, every step and every return *)
Theorem bernoulli_stays : forall θ α R y, y ∈ 2 -> let p := logistic θ in
  0 < logistic (θ + α * R * (INR y - p)) < 1.
Proof. intros. apply logistic_range. Qed.

(* refuted: with p itself as the parameter *)
Theorem bernoulli_stays_wrong : ~ forall p α R s y, y ∈ 2 -> 0 < p < 1 -> score (fun p => p) p s ->
  0 < p + α * R * s y < 1.
Proof. intros H. specialize (H _ 1 1 _ 1%nat ltac:(lia) third_range score_third). coins_differ H. Qed.

Lemma D_inputs n w x j : j ∈ n -> ∂ (Σ i ∈ n, w i * x i) /∂ w[j] = x j.
Proof.
  intros Hj. eapply D_eq.
  - apply (D_sum n (fun i t => put w j t i * x i)). intros i _. apply (D_mult (fun t => put w j t i) (fun _ => x i)).
    + apply D_put.
    + apply D_const.
  - cbv beta. rewrite (sum_ext n _ (fun i => δ i j * x i)), sum_δ by (easy || intros; ring). easy.
Qed.

(* Entry j of the gradient; D and G are the two derivatives of the first line. *)
(* eq-bernoulli-unit 378bd8b1 for every number of inputs *)
Theorem bernoulli_unit : forall n w x a j D G, j ∈ n -> a ∈ 2 ->
  let θ := Σ i ∈ n, w i * x i in let p := logistic θ in
  is_derive (fun θ => ln (coin (logistic θ) a)) θ D -> ∂ (Σ i ∈ n, w i * x i) /∂ w[j] = G ->
  (∂ (ln (coin (logistic (Σ i ∈ n, w i * x i)) a)) /∂ w[j] = D * G) /\
  D * G = (INR a - p) * x j.
Proof.
  intros n w x a j D G Hj Ha θ p HD HG. split.
  - apply (D_chain (fun θ => ln (coin (logistic θ) a)) (fun t => Σ i ∈ n, put w j t i * x i)); [|exact HG].
    cbv beta. rewrite put_same. exact HD.
  - now rewrite (D_unique _ _ _ _ HD (D_coin_logit θ a Ha)), (D_unique _ _ _ _ HG (D_inputs n w x j Hj)).
Qed.

(* refuted: input forgotten *)
Theorem bernoulli_unit_wrong : ~ forall n w x a j, j ∈ n -> a ∈ 2 ->
  let θ := Σ i ∈ n, w i * x i in let p := logistic θ in
  ∂ (ln (coin (logistic (Σ i ∈ n, w i * x i)) a)) /∂ w[j] = INR a - p.
Proof.
  intros H. specialize (H 1%nat (fun _ => 0) (fun _ => 2) 1%nat 0%nat ltac:(lia) ltac:(lia)). cbv zeta in H.
  destruct (bernoulli_unit 1 (fun _ => 0) (fun _ => 2) 1 0 _ _ ltac:(lia) ltac:(lia) (D_coin_logit _ 1 ltac:(lia))
    (D_inputs 1 (fun _ => 0) (fun _ => 2) 0 ltac:(lia))) as [H' _].
  pose proof (D_unique _ _ _ _ H H') as Q. cbv beta in Q. pose proof (logistic_range (Σ i ∈ 1, 0 * 2)).
  cbn [INR] in Q. lra.
Qed.
