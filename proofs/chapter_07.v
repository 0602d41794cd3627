(* Chapter 7, "Can a Gaussian policy over-emphasise?": what needs no integral. *)

Require Import Derivatives.

(* The density of the normal distribution at x. *)
Definition normal (μ σ x : R) : R := exp (- ((x - μ) ^ 2 / (2 * σ ^ 2))) / (σ * sqrt (2 * PI)).

Lemma D_log_normal (μ σ : R -> R) x t dμ dσ : 0 < σ t -> is_derive μ t dμ -> is_derive σ t dσ ->
  is_derive (fun t => ln (normal (μ t) (σ t) x)) t
    ((x - μ t) / σ t ^ 2 * dμ + ((x - μ t) ^ 2 - σ t ^ 2) / σ t ^ 3 * dσ).
Proof.
  intros Hσ Hμ HDσ. pose proof (sqrt_lt_R0 (2 * PI) ltac:(pose proof PI_RGT_0; lra)).
  pose proof (exp_pos (- ((x - μ t) ^ 2 / (2 * σ t ^ 2)))). pose proof (pow_lt (σ t) 2 Hσ).
  pose proof (Rmult_lt_0_compat _ _ Hσ H). unfold normal. eapply D_eq; [derive; try lra; now apply Rdiv_lt_0_compat|]. cbv beta. field. lra.
Qed.

(* eq-score-gaussian-mean 7e3d95ad for every x, μ and σ *)
Theorem score_gaussian_mean : forall μ σ x, 0 < σ -> is_derive (fun μ => ln (normal μ σ x)) μ ((x - μ) / σ ^ 2).
Proof.
  intros μ σ x Hσ. eapply D_eq; [apply (D_log_normal (fun μ => μ) (fun _ => σ)); [easy|apply D_id|apply D_const]|]. field. lra.
Qed.

(* refuted: σ for σ² *)
Theorem score_gaussian_mean_wrong : ~ forall μ σ x, 0 < σ -> is_derive (fun μ => ln (normal μ σ x)) μ ((x - μ) / σ).
Proof.
  intros H. pose proof (D_unique _ _ _ _ (H 0 2 1 ltac:(lra)) (score_gaussian_mean 0 2 1 ltac:(lra))). lra.
Qed.

(* eq-score-gaussian-std 6855902d for every x, μ and σ *)
Theorem score_gaussian_std : forall μ σ x, 0 < σ ->
  is_derive (fun σ => ln (normal μ σ x)) σ (((x - μ) ^ 2 - σ ^ 2) / σ ^ 3).
Proof.
  intros μ σ x Hσ. eapply D_eq; [apply (D_log_normal (fun _ => μ) (fun σ => σ)); [easy|apply D_const|apply D_id]|]. field. lra.
Qed.

(* refuted: normaliser forgotten *)
Theorem score_gaussian_std_wrong : ~ forall μ σ x, 0 < σ -> is_derive (fun σ => ln (normal μ σ x)) σ ((x - μ) ^ 2 / σ ^ 3).
Proof.
  intros H. pose proof (D_unique _ _ _ _ (H 0 1 1 ltac:(lra)) (score_gaussian_std 0 1 1 ltac:(lra))). lra.
Qed.

(* The parameter is the logarithm l of σ. *)
(* eq-score-gaussian-log-std 67c975a9 for every x, μ and σ *)
Theorem score_gaussian_log_std : forall μ l x, let σ := exp l in
  is_derive (fun l => ln (normal μ (exp l) x)) l ((x - μ) ^ 2 / σ ^ 2 - 1).
Proof.
  intros μ l x σ. assert (0 < σ) by apply exp_pos.
  eapply D_eq; [apply (D_log_normal (fun _ => μ) exp); [easy|apply D_const|apply is_derive_exp]|]. fold σ. field. lra.
Qed.

(* refuted: as for σ *)
Theorem score_gaussian_log_std_wrong : ~ forall μ l x, let σ := exp l in
  is_derive (fun l => ln (normal μ (exp l) x)) l (((x - μ) ^ 2 - σ ^ 2) / σ ^ 3).
Proof.
  intros H. pose proof (D_unique _ _ _ _ (H 0 (ln 2) 4) (score_gaussian_log_std 0 (ln 2) 4)) as Q. cbv zeta in Q.
  rewrite exp_ln in Q by lra. lra.
Qed.
