(* Chapter 12, "PPO: old samples and the clip". The policy "old" has drawn the actions; w = π/old. *)

Require Import Derivatives.

(* Entry b of the gradients. *)
(* eq-importance-weight 6224c085 for every K and every old policy *)
Theorem importance_weight : forall K z old r s b, policy K old -> scores K z s -> b ∈ K ->
  let π := softmax K z in let w a := π a / old a in
  ∂ (expected_return K r z) /∂ z[b] = E a ∼ old ∈ K, w a * r a * s a b.
Proof.
  intros K z old r s b Ho Hs Hb π w. eapply D_eq; [now apply D_expected_return|].
  rewrite <- mean_score by easy. apply sum_ext. intros a Ha. pose proof (proj1 Ho a Ha).
  rewrite (scores_is K z s a b Hs Ha Hb). unfold w. fold π. field. lra.
Qed.

(* refuted: no ratio *)
Theorem importance_weight_wrong : ~ forall K z old r s b, policy K old -> scores K z s -> b ∈ K ->
  ∂ (expected_return K r z) /∂ z[b] = E a ∼ old ∈ K, r a * s a b.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) third (fun _ => 1) _ 0%nat third_policy (scores_has _ _) ltac:(lia)).
  derivatives_differ H (D_expected_return 2 (fun _ => 1) (fun _ => 0) 0 ltac:(lia)).
Qed.

(* A is the advantage, a number for each action; s is the score. *)
(* eq-ratio-gradient f0c3aecf for every K and every old policy *)
Theorem ratio_gradient : forall K z old A s b, policy K old -> scores K z s -> b ∈ K ->
  let π := softmax K z in let w a := π a / old a in
  (forall a, a ∈ K -> ∂ (softmax K z a / old a) /∂ z[b] = w a * s a b) /\
  (∂ (E a ∼ old ∈ K, softmax K z a / old a * A a) /∂ z[b] = E a ∼ old ∈ K, w a * A a * s a b) /\
  (∂ (Σ a ∈ K, softmax K z a * A a) /∂ z[b] = E a ∼ old ∈ K, w a * A a * s a b).
Proof.
  intros K z old A s b Ho Hs Hb π w. split; [|split].
  - intros a Ha. pose proof (proj1 Ho a Ha). eapply D_eq; [derive; lra|]. cbv beta. rewrite put_same.
    rewrite (scores_is K z s a b Hs Ha Hb). unfold w. fold π. field. lra.
  - eapply D_eq.
    + apply (D_sum K (fun a x => old a * (softmax K (put z b x) a / old a * A a))). intros a Ha.
      pose proof (proj1 Ho a Ha). derive. lra.
    + cbv beta. rewrite put_same. apply sum_ext. intros a Ha. pose proof (proj1 Ho a Ha).
      rewrite (scores_is K z s a b Hs Ha Hb). unfold w. fold π. field. lra.
  - eapply D_eq; [now apply (D_expected_return K A)|]. rewrite <- mean_score by easy. apply sum_ext.
    intros a Ha. pose proof (proj1 Ho a Ha). rewrite (scores_is K z s a b Hs Ha Hb). unfold w. fold π. field. lra.
Qed.

(* refuted: the score alone *)
Theorem ratio_gradient_wrong : ~ forall K z old s a b, policy K old -> scores K z s -> a ∈ K -> b ∈ K ->
  ∂ (softmax K z a / old a) /∂ z[b] = s a b.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) third _ 0%nat 0%nat third_policy (scores_has _ _) ltac:(lia) ltac:(lia)).
  pose proof (proj1 (ratio_gradient 2 (fun _ => 0) third (fun _ => 0) _ 0 third_policy (scores_has _ _) ltac:(lia)) 0%nat ltac:(lia)) as H'.
  derivatives_differ H H'.
Qed.

(* The term of one action, ℓ(w) = min(w A, clip(w) A); the edges themselves have no derivative. *)
Definition clip (ε w : R) : R := Rmax (1 - ε) (Rmin w (1 + ε)).
Definition term (ε A w : R) : R := Rmin (w * A) (clip ε w * A).

Lemma D_near (f g : R -> R) x l d : 0 < d -> (forall y, x - d < y < x + d -> f y = g y) ->
  is_derive g x l -> is_derive f x l.
Proof.
  intros Hd H. apply is_derive_ext_loc. exists (mkposreal d Hd). intros y Hy. symmetry. apply H.
  unfold ball in Hy; simpl in Hy. unfold AbsRing_ball, abs, minus, plus, opp in Hy. simpl in Hy.
  apply Rabs_lt_between in Hy. lra.
Qed.

(* eq-ppo-dead-zone efc5a6a0 for all ε, A and w *)
Theorem ppo_dead_zone : forall ε A w, 0 < ε ->
  (0 < A -> 1 + ε < w -> is_derive (term ε A) w 0) /\
  (A < 0 -> w < 1 - ε -> is_derive (term ε A) w 0) /\
  (0 < A -> w < 1 + ε -> is_derive (term ε A) w A) /\
  (A < 0 -> 1 - ε < w -> is_derive (term ε A) w A) /\
  (A = 0 -> is_derive (term ε A) w A).
Proof.
  intros ε A w Hε.
  assert (Hlin : is_derive (fun y => y * A) w A) by (eapply D_eq; [derive|ring]).
  unfold term, clip. repeat apply conj.
  - intros HA Hw. apply (D_near _ (fun _ => (1 + ε) * A) w 0 (w - (1 + ε))); [lra| |apply D_const].
    intros y Hy. rewrite (Rmin_right y), (Rmax_right (1 - ε)) by lra. apply Rmin_right. nra.
  - intros HA Hw. apply (D_near _ (fun _ => (1 - ε) * A) w 0 (1 - ε - w)); [lra| |apply D_const].
    intros y Hy. rewrite (Rmin_left y), (Rmax_left (1 - ε)) by lra. apply Rmin_right. nra.
  - intros HA Hw. apply (D_near _ (fun y => y * A) w A (1 + ε - w)); [lra| |easy].
    intros y Hy. rewrite (Rmin_left y) by lra. apply Rmin_left. pose proof (Rmax_r (1 - ε) y). nra.
  - intros HA Hw. apply (D_near _ (fun y => y * A) w A (w - (1 - ε))); [lra| |easy].
    intros y Hy. apply Rmin_left. destruct (Rle_dec y (1 + ε)).
    + rewrite (Rmin_left y), (Rmax_right (1 - ε)) by lra. lra.
    + rewrite (Rmin_right y), (Rmax_right (1 - ε)) by lra. nra.
  - intros ->. apply (D_near _ (fun y => y * 0) w 0 1); [lra| |easy]. intros y _. rewrite !Rmult_0_r. now apply Rmin_left; lra.
Qed.

(* refuted: dead on both sides *)
Theorem ppo_dead_zone_wrong : ~ forall ε A w, 0 < ε -> 0 < A -> w < 1 - ε -> is_derive (term ε A) w 0.
Proof.
  intros H. specialize (H (1 / 2) 1 (1 / 4) ltac:(lra) ltac:(lra) ltac:(lra)).
  destruct (ppo_dead_zone (1 / 2) 1 (1 / 4) ltac:(lra)) as (_ & _ & H' & _).
  pose proof (D_unique _ _ _ _ H (H' ltac:(lra) ltac:(lra))). lra.
Qed.

(* eq-approx-kl 60d42b44 for every K *)
Theorem approx_kl : forall K old π, policy K old -> policy K π -> let w a := π a / old a in
  E a ∼ old ∈ K, - ln (w a) = E a ∼ old ∈ K, (w a - 1 - ln (w a)) /\
  E a ∼ old ∈ K, - ln (w a) = KL K old π.
Proof.
  intros K old π Ho Hπ w. split.
  - rewrite (sum_3 K (fun a => old a * (w a - 1 - ln (w a))) 1 π (-1) old 1 (fun a => old a * - ln (w a))).
    + rewrite (policy_sum K π), (policy_sum K old) by easy. ring.
    + intros a Ha. pose proof (proj1 Ho a Ha). unfold w. field. lra.
  - apply sum_ext. intros a Ha. unfold w. rewrite (log_flip (old a)); [easy|now apply Ho|now apply Hπ].
Qed.

(* refuted: k1 only *)
Theorem approx_kl_wrong : ~ forall K old π, policy K old -> policy K π -> let w a := π a / old a in
  E a ∼ old ∈ K, - ln (w a) = E a ∼ old ∈ K, (w a - ln (w a)).
Proof.
  intros H. specialize (H 2%nat third third third_policy third_policy). cbv zeta in H. cbn [sum] in H.
  unfold third in H. lra.
Qed.

(* Weights cut at c; entry b. *)
(* eq-cut-weight 0bd083dd for every K, every old policy and every cut *)
Theorem cut_weight : forall K π old r c b, policy K π -> policy K old -> b ∈ K ->
  let m a := Rmin (π a) (c * old a) in
  E a ∼ old ∈ K, Rmin (π a / old a) c * r a * (δ a b - π b) = m b * r b - (Σ a ∈ K, m a * r a) * π b.
Proof.
  intros K π old r c b Hπ Ho Hb m.
  rewrite (sum_2 K _ 1 (fun a => δ a b * (m a * r a)) (- π b) (fun a => m a * r a)), sum_δ; [ring|easy|].
  intros a Ha. pose proof (proj1 Ho a Ha).
  assert (Hm : old a * Rmin (π a / old a) c = m a).
  { unfold m. destruct (Rle_dec (π a / old a) c) as [Hle|Hle].
    - rewrite !Rmin_left; [field; lra|now apply Rle_div_l|easy].
    - rewrite !Rmin_right; [ring| |lra]. apply Rnot_le_lt, Rlt_div_r in Hle; lra. }
  rewrite <- Hm. ring.
Qed.

(* refuted: not cut *)
Theorem cut_weight_wrong : ~ forall K π old r c b, policy K π -> policy K old -> b ∈ K ->
  E a ∼ old ∈ K, Rmin (π a / old a) c * r a * (δ a b - π b) = π b * r b - (Σ a ∈ K, π a * r a) * π b.
Proof.
  intros H. specialize (H 2%nat third third (fun a => δ a 0) 0 0%nat third_policy third_policy ltac:(lia)).
  cbn [sum] in H. unfold third, δ in H. cbn [Nat.eqb] in H. rewrite !Rmin_right in H by lra. lra.
Qed.
