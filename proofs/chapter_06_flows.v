(* Chapter 6, "When can a probability leave [0, 1]?": variances, the natural gradient, and flows. *)

Require Import Derivatives chapter_06.

Lemma Var_p p r s : 0 < p < 1 -> score (fun p => p) p s ->
  Var 2 (coin p) (fun y => r y * s y) = ((1 - p) * r 1%nat + p * r 0%nat) ^ 2 / (p * (1 - p)).
Proof. intros Hp Hs. destruct (score_p p s Hp Hs) as [H0 H1]. outcomes. rewrite H0, H1. field. lra. Qed.

Lemma Var_logit θ r s : score logistic θ s -> let p := logistic θ in
  Var 2 (coin p) (fun y => r y * s y) = p * (1 - p) * ((1 - p) * r 1%nat + p * r 0%nat) ^ 2.
Proof. intros Hs p. destruct (score_logit θ s Hs) as [H0 H1]. outcomes. rewrite H0, H1. fold p. ring. Qed.

(* First in p, then in θ. *)
(* eq-bernoulli-variance-crossed e89e54e6 for every p, every θ and all returns *)
Theorem bernoulli_variance_crossed :
  (forall p r s, 0 < p < 1 -> score (fun p => p) p s -> let m := (1 - p) * r 1%nat + p * r 0%nat in
    Var 2 (coin p) (fun y => r y * s y) = m ^ 2 / (p * (1 - p))) /\
  (forall θ r s, score logistic θ s -> let p := logistic θ in let m := (1 - p) * r 1%nat + p * r 0%nat in
    Var 2 (coin p) (fun y => r y * s y) = p * (1 - p) * m ^ 2).
Proof. split; [exact Var_p|exact Var_logit]. Qed.

(* refuted: J for m *)
Theorem bernoulli_variance_crossed_wrong : ~ forall p r s, 0 < p < 1 -> score (fun p => p) p s ->
    Var 2 (coin p) (fun y => r y * s y) = J r p ^ 2 / (p * (1 - p)).
Proof. intros H. specialize (H _ (fun y => δ y 1) _ third_range score_third). coins_differ H. Qed.

(* First in p, then in θ. *)
(* eq-bernoulli-noise 4f8cb61a for every p, every θ and all returns r1 ≠ r0 *)
Theorem bernoulli_noise : forall r, let r0 := r 0%nat in let r1 := r 1%nat in r1 <> r0 ->
  (forall p s, 0 < p < 1 -> score (fun p => p) p s -> let m := (1 - p) * r1 + p * r0 in
    sqrt (Var 2 (coin p) (fun y => r y * s y)) / Rabs (E y ∼ (coin p) ∈ 2, r y * s y) =
      Rabs m / (Rabs (r1 - r0) * sqrt (p * (1 - p)))) /\
  (forall θ s, score logistic θ s -> let p := logistic θ in let m := (1 - p) * r1 + p * r0 in
    sqrt (Var 2 (coin p) (fun y => r y * s y)) / Rabs (E y ∼ (coin p) ∈ 2, r y * s y) =
      Rabs m / (Rabs (r1 - r0) * sqrt (p * (1 - p)))).
Proof.
  intros r r0 r1 Hr. assert (Hd : Rabs (r1 - r0) <> 0) by (apply Rabs_no_R0; lra). split.
  - intros p s Hp Hs m. pose proof (Rmult_lt_0_compat p (1 - p) ltac:(lra) ltac:(lra)) as Hv.
    rewrite (proj1 (bernoulli_expected_p p r s Hp Hs)), Var_p by easy.
    change ((1 - p) * r 1%nat + p * r 0%nat) with m. fold r0 r1.
    rewrite sqrt_div_alt, <- (pow2_abs m), sqrt_pow2 by (apply Rabs_pos || easy). field.
    pose proof (sqrt_lt_R0 _ Hv). split; easy || lra.
  - intros θ s Hs p m. assert (Hp : 0 < p < 1) by apply logistic_range.
    pose proof (Rmult_lt_0_compat p (1 - p) ltac:(lra) ltac:(lra)) as Hv.
    pose proof (sqrt_lt_R0 _ Hv) as Hq. destruct (score_logit θ s Hs) as [H0 H1].
    assert (HE : E y ∼ (coin p) ∈ 2, r y * s y = p * (1 - p) * (r1 - r0)).
    { cbn [sum coin]. rewrite H0, H1. fold p r0 r1. ring. }
    rewrite HE. unfold p at 1. rewrite Var_logit by easy. fold p. change ((1 - p) * r 1%nat + p * r 0%nat) with m.
    rewrite sqrt_mult_alt, <- (pow2_abs m), sqrt_pow2, Rabs_mult, (Rabs_pos_eq (p * (1 - p))) by (apply Rabs_pos || lra).
    rewrite <- (sqrt_sqrt (p * (1 - p))) at 2 by lra. field. split; easy || lra.
Qed.

(* refuted: root forgotten *)
Theorem bernoulli_noise_wrong : ~ forall r, let r0 := r 0%nat in let r1 := r 1%nat in r1 <> r0 ->
  forall p s, 0 < p < 1 -> score (fun p => p) p s -> let m := (1 - p) * r1 + p * r0 in
    sqrt (Var 2 (coin p) (fun y => r y * s y)) / Rabs (E y ∼ (coin p) ∈ 2, r y * s y) =
      Rabs m / (Rabs (r1 - r0) * (p * (1 - p))).
Proof.
  assert (Hh : 0 < 1 / 2 < 1) by lra. pose proof (score_has (fun p => p) (1 / 2) 1 Hh (D_id _)) as Hs. intros H.
  specialize (H (fun y => δ y 1) ltac:(cbn; lra) _ _ Hh Hs). pose proof (Var_p _ (fun y => δ y 1) _ Hh Hs) as HV.
  pose proof (proj1 (bernoulli_expected_p _ (fun y => δ y 1) _ Hh Hs)) as HE. cbv beta zeta in H, HV, HE.
  rewrite HE, HV in H. unfold δ in H. cbn [Nat.eqb] in H.
  replace (((1 - 1 / 2) * 1 + 1 / 2 * 0) ^ 2 / (1 / 2 * (1 - 1 / 2))) with 1 in H by lra.
  rewrite sqrt_1, !Rabs_pos_eq in H by lra. lra.
Qed.

(* eq-bernoulli-variance-p d39252f3 for every p and all returns *)
Theorem bernoulli_variance_p : forall p r s, 0 < p < 1 -> score (fun p => p) p s ->
  let r0 := r 0%nat in let r1 := r 1%nat in
  Var 2 (coin p) (fun y => r y * s y) = r1 ^ 2 / p + r0 ^ 2 / (1 - p) - (r1 - r0) ^ 2.
Proof. intros p r s Hp Hs r0 r1. rewrite Var_p by easy. fold r0 r1. field. lra. Qed.

(* refuted: p for 1 − p *)
Theorem bernoulli_variance_p_wrong : ~ forall p r s, 0 < p < 1 -> score (fun p => p) p s ->
  let r0 := r 0%nat in let r1 := r 1%nat in
  Var 2 (coin p) (fun y => r y * s y) = r1 ^ 2 / p + r0 ^ 2 / p - (r1 - r0) ^ 2.
Proof. intros H. specialize (H _ (fun y => δ y 0) _ third_range score_third). coins_differ H. Qed.

(* The Fisher information is the variance of the score. *)
(* eq-bernoulli-fisher 59078a11 for every p and every θ *)
Theorem bernoulli_fisher :
  (forall p s, 0 < p < 1 -> score (fun p => p) p s -> Var 2 (coin p) s = 1 / (p * (1 - p))) /\
  (forall θ s, score logistic θ s -> let p := logistic θ in Var 2 (coin p) s = p * (1 - p)).
Proof.
  split.
  - intros p s Hp Hs. destruct (score_p p s Hp Hs) as [H0 H1]. outcomes. rewrite H0, H1. field. lra.
  - intros θ s Hs p. destruct (score_logit θ s Hs) as [H0 H1]. outcomes. rewrite H0, H1. fold p. ring.
Qed.

(* refuted: exchanged *)
Theorem bernoulli_fisher_wrong : ~ forall p s, 0 < p < 1 -> score (fun p => p) p s -> Var 2 (coin p) s = p * (1 - p).
Proof. intros H. specialize (H _ _ third_range score_third). coins_differ H. Qed.

(* D is the derivative of J, and F the Fisher information. First in p, then in θ. *)
(* eq-bernoulli-natural 2c3588ff for every p, every θ and all returns *)
Theorem bernoulli_natural : forall r, let r0 := r 0%nat in let r1 := r 1%nat in
  (forall p s D, 0 < p < 1 -> score (fun p => p) p s -> is_derive (J r) p D -> let F := Var 2 (coin p) s in
    1 / F * D = p * (1 - p) * (r1 - r0)) /\
  (forall θ s D, score logistic θ s -> is_derive (fun θ => J r (logistic θ)) θ D ->
    let F := Var 2 (coin (logistic θ)) s in
    1 / F * D = r1 - r0).
Proof.
  intros r r0 r1. split.
  - intros p s D Hp Hs HD F. unfold F. rewrite (proj1 bernoulli_fisher p s Hp Hs).
    rewrite (D_unique _ _ _ _ HD (proj2 (bernoulli_expected_p p r s Hp Hs))). fold r0 r1. field. lra.
  - intros θ s D Hs HD F. unfold F. rewrite (proj2 bernoulli_fisher θ s Hs). pose proof (logistic_range θ).
    rewrite (D_unique _ _ _ _ HD (proj2 (bernoulli_expected_logit θ r))). fold r0 r1. field. lra.
Qed.

(* refuted: F for 1/F *)
Theorem bernoulli_natural_wrong : ~ forall r, let r0 := r 0%nat in let r1 := r 1%nat in
  forall p s D, 0 < p < 1 -> score (fun p => p) p s -> is_derive (J r) p D -> let F := Var 2 (coin p) s in
    F * D = p * (1 - p) * (r1 - r0).
Proof.
  intros H. specialize (H (fun y => δ y 1) _ _ _ third_range score_third
    (proj2 (bernoulli_expected_p _ _ _ third_range score_third))). coins_differ H.
Qed.

(* Any parameter ψ in which p has a derivative Dp ≠ 0; DJ is that of J. *)
(* eq-natural-invariant ea812724 for every parameter *)
Theorem natural_invariant : forall (p : R -> R) ψ r s Dp DJ, 0 < p ψ < 1 -> is_derive p ψ Dp -> Dp <> 0 ->
  score p ψ s -> is_derive (fun ψ => J r (p ψ)) ψ DJ ->
  let F := Var 2 (coin (p ψ)) s in
  Dp * (1 / F * DJ) = p ψ * (1 - p ψ) * (r 1%nat - r 0%nat).
Proof.
  intros p ψ r s Dp DJ Hp HD H0 Hs HJ F.
  assert (DJ = Dp * (r 1%nat - r 0%nat)) as ->.
  { apply (D_unique _ _ _ _ HJ). unfold J. eapply D_eq; [derive; exact HD|]. ring. }
  assert (F = Dp ^ 2 / (p ψ * (1 - p ψ))) as ->.
  { destruct (score_is p ψ Dp s Hp HD Hs) as [S0 S1]. unfold F. outcomes. rewrite S0, S1. field. lra. }
  field. repeat split; lra.
Qed.

(* refuted: rate 1, as in p *)
Theorem natural_invariant_wrong : ~ forall (p : R -> R) ψ r s Dp DJ, 0 < p ψ < 1 -> is_derive p ψ Dp -> Dp <> 0 ->
  score p ψ s -> is_derive (fun ψ => J r (p ψ)) ψ DJ ->
  let F := Var 2 (coin (p ψ)) s in
  Dp * (1 / F * DJ) = r 1%nat - r 0%nat.
Proof.
  intros H. specialize (H (fun p => p) _ (fun y => δ y 1) _ _ _ third_range (D_id _) R1_neq_R0 score_third
    (proj2 (bernoulli_expected_p _ _ _ third_range score_third))). coins_differ H.
Qed.

(* The update of p by the score, divided by the Fisher information F. *)
(* eq-bernoulli-reward-inaction 8d2ae32e for every p, every step and every return *)
Theorem bernoulli_reward_inaction : forall p s α R y, 0 < p < 1 -> score (fun p => p) p s -> y ∈ 2 ->
  let F := Var 2 (coin p) s in
  p + α * R * s y / F = p + α * R * (INR y - p) /\
  p + α * R * (INR y - p) = (1 - α * R) * p + α * R * INR y.
Proof.
  intros p s α R y Hp Hs Hy F. split; [|ring]. unfold F. rewrite (proj1 bernoulli_fisher p s Hp Hs).
  rewrite (D_unique _ _ _ _ (Hs y Hy) (score_bernoulli p y Hp Hy)). field. lra.
Qed.

(* refuted: weights exchanged *)
Theorem bernoulli_reward_inaction_wrong : ~ forall p α R y, 0 < p < 1 -> y ∈ 2 ->
  p + α * R * (INR y - p) = α * R * p + (1 - α * R) * INR y.
Proof. intros H. specialize (H _ 1 1 1%nat third_range ltac:(lia)). coins_differ H. Qed.

(* A path θ t that follows the expected update of the logit. *)
(* eq-bernoulli-flow-logit 87031996 for all returns *)
Theorem bernoulli_flow_logit : forall (θ : R -> R) r t, let r0 := r 0%nat in let r1 := r 1%nat in let θ0 := θ 0 in
  (forall t, let p := logistic (θ t) in is_derive θ t (p * (1 - p) * (r1 - r0))) ->
  (r1 - r0) * t = 2 * (θ t + sinh (θ t)) - 2 * (θ0 + sinh θ0).
Proof.
  intros θ r t r0 r1 θ0 H.
  enough (2 * (θ t + sinh (θ t)) - (r1 - r0) * t = 2 * (θ 0 + sinh (θ 0)) - (r1 - r0) * 0) by (fold θ0 in H0; lra).
  apply (at_rest (fun t => 2 * (θ t + sinh (θ t)) - (r1 - r0) * t)). clear t. intros t. eapply D_eq.
  - apply (D_minus (fun t => 2 * (θ t + sinh (θ t))) (fun t => (r1 - r0) * t)); [|derive].
    apply (D_mult (fun _ => 2) (fun t => θ t + sinh (θ t))); [apply D_const|].
    apply (D_plus θ (fun t => sinh (θ t))); [apply H|]. apply (D_chain sinh θ); [apply D_sinh|apply H].
  - cbv beta. unfold logistic, cosh. rewrite exp_Ropp. pose proof (exp_pos (θ t)). field. lra.
Qed.

(* Such a path with r1 = r0 stands still, at θ = 1. *)
(* refuted: the start left out *)
Theorem bernoulli_flow_logit_wrong : ~ forall (θ : R -> R) r t, let r0 := r 0%nat in let r1 := r 1%nat in
  (forall t, let p := logistic (θ t) in is_derive θ t (p * (1 - p) * (r1 - r0))) ->
  (r1 - r0) * t = 2 * (θ t + sinh (θ t)).
Proof.
  intros H. specialize (H (fun _ => 1) (fun _ => 0) 0). cbv zeta in H.
  assert (Q : (0 - 0) * 0 = 2 * (1 + sinh 1)) by (apply H; intros; eapply D_eq; [apply D_const|ring]).
  unfold sinh in Q. pose proof (exp_increasing (- (1)) 1 ltac:(lra)). lra.
Qed.

(* A path p t that follows the natural gradient. *)
(* eq-bernoulli-flow-natural 1f86e119 for all returns *)
Theorem bernoulli_flow_natural : forall (p : R -> R) r t, let r0 := r 0%nat in let r1 := r 1%nat in let p0 := p 0 in
  (forall t, 0 < p t < 1 /\ is_derive p t (p t * (1 - p t) * (r1 - r0))) ->
  p t = p0 / (p0 + (1 - p0) * exp (- (r1 - r0) * t)).
Proof.
  intros p r t r0 r1 p0 H. set (e := fun t => exp (- (r1 - r0) * t)).
  assert (He : forall t, is_derive e t (e t * - (r1 - r0))).
  { intros u. unfold e. eapply D_eq; [derive|]. ring. }
  assert (Hc : p t / (1 - p t) * e t = p 0 / (1 - p 0) * e 0).
  { apply (at_rest (fun t => p t / (1 - p t) * e t)). intros u. destruct (H u) as [Hp HD]. eapply D_eq.
    - apply (D_mult (fun t => p t / (1 - p t)) e); [|apply He].
      apply (D_div p (fun t => 1 - p t)); [exact HD| |lra]. apply (D_minus (fun _ => 1) p); [apply D_const|exact HD].
    - cbv beta. field. lra. }
  replace (e 0) with 1 in Hc by (unfold e; rewrite Rmult_0_r, exp_0; easy). fold (e t). fold p0 in Hc.
  destruct (H t) as [Ht _]. destruct (H 0) as [H0 _]. fold p0 in H0.
  assert (0 < e t) by apply exp_pos. pose proof (Rmult_lt_0_compat (1 - p0) (e t) ltac:(lra) ltac:(lra)).
  assert (Hx : p t * e t * (1 - p0) = p0 * (1 - p t)).
  { replace (p t * e t * (1 - p0)) with (p t / (1 - p t) * e t * ((1 - p t) * (1 - p0))) by (field; lra).
    rewrite Hc. field. lra. }
  apply (Rmult_eq_reg_r (p0 + (1 - p0) * e t)); [|lra]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

(* refuted: start forgotten *)
Theorem bernoulli_flow_natural_wrong : ~ forall (p : R -> R) r t, let r0 := r 0%nat in let r1 := r 1%nat in
  (forall t, 0 < p t < 1 /\ is_derive p t (p t * (1 - p t) * (r1 - r0))) ->
  p t = 1 / (1 + exp (- (r1 - r0) * t)).
Proof.
  intros H. specialize (H (fun _ => 1 / 3) (fun _ => 0) 0). cbv zeta in H. rewrite Rmult_0_r, exp_0 in H.
  assert (Q : 1 / 3 = 1 / (1 + 1)) by (apply H; intros; split; [lra|]; eapply D_eq; [apply D_const|ring]). lra.
Qed.
