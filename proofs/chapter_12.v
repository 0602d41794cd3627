(* Chapter 12, "PPO: old samples and the clip". The policy "old" has drawn the actions; w = π/old. *)

Require Import Groups.

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

(* 1 where the term of an action still has the slope A: for A > 0 that is below 1 + ε, for the others above 1 − ε; else 0. *)
Definition alive (ε A w : R) : R :=
  if Rlt_dec 0 A then (if Rlt_dec w (1 + ε) then 1 else 0) else (if Rlt_dec (1 - ε) w then 1 else 0).

Lemma D_term ε A w : 0 < ε -> w <> 1 - ε -> w <> 1 + ε -> is_derive (term ε A) w (alive ε A w * A).
Proof.
  intros Hε H1 H2. destruct (ppo_dead_zone ε A w Hε) as (D1 & D2 & D3 & D4 & D5).
  unfold alive. destruct (Rlt_dec 0 A) as [HA|HA].
  - destruct (Rlt_dec w (1 + ε)); rewrite ?Rmult_1_l, ?Rmult_0_l; [now apply D3|apply D1; lra].
  - destruct (Req_dec A 0) as [->|H0]; [rewrite Rmult_0_r; now apply D5|].
    destruct (Rlt_dec (1 - ε) w); rewrite ?Rmult_1_l, ?Rmult_0_l; [apply D4; lra|apply D2; lra].
Qed.

(* No ratio is on an edge; entry b. *)
(* eq-clip-gradient 3f6ffb35 for every K and every old policy *)
Theorem clip_gradient : forall K z old A ε b, policy K old -> b ∈ K -> 0 < ε ->
  let π := softmax K z in let w a := π a / old a in
  (forall a, a ∈ K -> w a <> 1 - ε /\ w a <> 1 + ε) ->
  ∂ (E a ∼ old ∈ K, term ε (A a) (softmax K z a / old a)) /∂ z[b] =
    Σ a ∈ K, alive ε (A a) (w a) * (π a * A a * (δ a b - π b)).
Proof.
  intros K z old A ε b Ho Hb Hε π w Hw. eapply D_eq.
  - apply (D_sum K (fun a x => old a * term ε (A a) (softmax K (put z b x) a / old a))). intros a Ha.
    pose proof (proj1 Ho a Ha). apply (D_mult (fun _ => old a)); [apply D_const|].
    apply (D_chain (term ε (A a)) (fun x => softmax K (put z b x) a / old a)); [|derive; lra].
    rewrite put_same. now apply D_term; [|apply Hw..].
  - cbv beta. rewrite put_same. apply sum_ext. intros a Ha. pose proof (proj1 Ho a Ha). fold π. fold (w a). unfold w. field. lra.
Qed.

(* refuted: nobody dead *)
Theorem clip_gradient_wrong : ~ forall K z old A ε b, policy K old -> b ∈ K -> 0 < ε ->
  let π := softmax K z in let w a := π a / old a in
  (forall a, a ∈ K -> w a <> 1 - ε /\ w a <> 1 + ε) ->
  ∂ (E a ∼ old ∈ K, term ε (A a) (softmax K z a / old a)) /∂ z[b] = Σ a ∈ K, π a * A a * (δ a b - π b).
Proof.
  intros H. assert (Hw : forall a, a ∈ 2 -> softmax 2 (fun _ => 0) a / third a <> 1 - 1 / 10 /\
    softmax 2 (fun _ => 0) a / third a <> 1 + 1 / 10).
  { intros [|[|a]] Ha; [| |lia]; rewrite softmax_even; unfold third; cbn [INR]; lra. }
  pose proof (H 2%nat (fun _ => 0) third (fun a => δ a 0) (1 / 10) 0%nat third_policy ltac:(lia) ltac:(lra) Hw) as Q.
  pose proof (clip_gradient 2 (fun _ => 0) third (fun a => δ a 0) (1 / 10) 0 third_policy ltac:(lia) ltac:(lra) Hw) as Q'.
  pose proof (D_unique _ _ _ _ Q Q') as Q2. cbn [sum] in Q2. rewrite !softmax_even in Q2. unfold third, δ in Q2.
  cbn [Nat.eqb INR] in Q2. unfold alive in Q2. destruct (Rlt_dec 0 1); [|lra].
  destruct (Rlt_dec (/ (1 + 1) / (1 / 3)) (1 + 1 / 10)); lra.
Qed.

(* Only m has a positive advantage, and the gradient of the clipped objective is zero. *)
(* eq-clip-rest 532c3634 for every K and every old policy *)
Theorem clip_rest : forall K z old A ε m, (2 <= K)%nat -> policy K old -> m ∈ K -> 0 < ε ->
  let π := softmax K z in let w a := π a / old a in
  (forall a, a ∈ K -> w a <> 1 - ε /\ w a <> 1 + ε) ->
  0 < A m -> (forall a, a ∈ K -> a <> m -> A a < 0) ->
  (forall b, b ∈ K -> ∂ (E a ∼ old ∈ K, term ε (A a) (softmax K z a / old a)) /∂ z[b] = 0) ->
  w m >= 1 + ε * Rmax 1 ((1 - old m) / old m).
Proof.
  intros K z old A ε m HK Ho Hm Hε π w Hw HA HA' H0. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  pose proof (proj1 Ho m Hm) as Hom.
  (* H is the sum of π A over the living. Each of them has the advantage H, and the dead have H = 0. *)
  set (l := fun a => alive ε (A a) (w a)). set (H := Σ a ∈ K, l a * (π a * A a)).
  assert (HH : forall b, b ∈ K -> l b * A b = H).
  { intros b Hb. pose proof (D_unique _ _ _ _ (H0 b Hb) (clip_gradient K z old A ε b Ho Hb Hε Hw)) as Q. fold π in Q.
    cbv beta zeta in Q. rewrite (sum_2 K _ 1 (fun a => δ a b * (l a * (π a * A a))) (- π b) (fun a => l a * (π a * A a))), sum_δ in Q
      by (easy || intros; unfold l, w; ring). fold H in Q. pose proof (proj1 Hπ b Hb). apply (Rmult_eq_reg_l (π b)); lra. }
  destruct (other_one K m HK) as (c & Hc & Hcm). pose proof (HH m Hm) as Qm. pose proof (HA' c Hc Hcm). pose proof (HH c Hc) as Qc.
  assert (Hl : forall a, l a = 0 \/ l a = 1).
  { intros a. unfold l, alive. destruct (Rlt_dec 0 (A a)), (Rlt_dec (w a) (1 + ε)), (Rlt_dec (1 - ε) (w a)); auto. }
  assert (HZ : H = 0) by (destruct (Hl m) as [Em|Em], (Hl c) as [Ec|Ec]; rewrite Em in Qm; rewrite Ec in Qc; lra).
  assert (Hdead : forall a, a ∈ K -> A a <> 0 -> l a = 0).
  { intros a Ha Hne. pose proof (HH a Ha) as Q. destruct (Hl a) as [|Ha1]; [easy|rewrite Ha1 in Q; lra]. }
  assert (Hwm : 1 + ε < w m).
  { pose proof (Hdead m Hm ltac:(lra)) as Q. pose proof (proj2 (Hw m Hm)). unfold l, alive in Q. destruct (Rlt_dec 0 (A m)); [|lra].
    destruct (Rlt_dec (w m) (1 + ε)); lra. }
  assert (Hwb : forall a, a ∈ K -> a <> m -> w a < 1 - ε).
  { intros a Ha Hne. pose proof (HA' a Ha Hne). pose proof (Hdead a Ha ltac:(lra)) as Q. pose proof (proj1 (Hw a Ha)).
    unfold l, alive in Q. destruct (Rlt_dec 0 (A a)); [lra|]. destruct (Rlt_dec (1 - ε) (w a)); lra. }
  assert (Hsum : Σ a ∈ K, (1 - δ a m) * π a <= Σ a ∈ K, (1 - δ a m) * ((1 - ε) * old a)).
  { apply sum_le. intros a Ha. unfold δ. destruct (Nat.eqb_spec a m) as [|Hne]; [lra|]. specialize (Hwb a Ha Hne).
    pose proof (proj1 Ho a Ha). unfold w in Hwb. apply Rlt_div_l in Hwb; lra. }
  rewrite (sum_2 K _ 1 π (-1) (fun a => δ a m * π a)), sum_δ, (policy_sum K π) in Hsum by (easy || intros; ring).
  rewrite (sum_2 K _ (1 - ε) old (-1) (fun a => δ a m * ((1 - ε) * old a))), sum_δ, (policy_sum K old) in Hsum by (easy || intros; ring).
  apply Rle_ge. unfold Rmax. destruct (Rle_dec 1 ((1 - old m) / old m)); [|lra]. unfold w. apply Rle_div_r; [lra|].
  replace ((1 + ε * ((1 - old m) / old m)) * old m) with (old m + ε * (1 - old m)) by (field; lra). lra.
Qed.

(* refuted: at most 1 + ε *)
Theorem clip_rest_wrong : ~ forall K z old A ε m, (2 <= K)%nat -> policy K old -> m ∈ K -> 0 < ε ->
  let π := softmax K z in let w a := π a / old a in
  (forall a, a ∈ K -> w a <> 1 - ε /\ w a <> 1 + ε) ->
  0 < A m -> (forall a, a ∈ K -> a <> m -> A a < 0) ->
  (forall b, b ∈ K -> ∂ (E a ∼ old ∈ K, term ε (A a) (softmax K z a / old a)) /∂ z[b] = 0) ->
  w m <= 1 + ε.
Proof.
  intros H. set (A := fun a => match a with O => 1 | _ => -1 end).
  assert (Hw : forall a, a ∈ 2 -> softmax 2 (fun _ => 0) a / third a <> 1 - 1 / 10 /\
    softmax 2 (fun _ => 0) a / third a <> 1 + 1 / 10).
  { intros [|[|a]] Ha; [| |lia]; rewrite softmax_even; unfold third; cbn [INR]; lra. }
  assert (Q : softmax 2 (fun _ => 0) 0 / third 0 <= 1 + 1 / 10).
  { apply (H 2%nat (fun _ => 0) third A (1 / 10) 0%nat); try lia; try lra; [apply third_policy|exact Hw|unfold A; lra| |].
    - intros [|a] _ Hne; [easy|unfold A; lra].
    - intros b Hb. eapply D_eq; [apply (clip_gradient 2 (fun _ => 0) third A (1 / 10) b third_policy Hb ltac:(lra) Hw)|].
      cbn [sum]. rewrite !softmax_even. unfold alive, third, A. cbn [INR].
      destruct (Rlt_dec 0 1); [|lra]. destruct (Rlt_dec 0 (-1)); [lra|].
      destruct (Rlt_dec (/ (1 + 1) / (1 / 3)) (1 + 1 / 10)); [lra|].
      destruct (Rlt_dec (1 - 1 / 10) (/ (1 + 1) / (2 / 3))); lra. }
  rewrite softmax_even in Q. unfold third in Q. cbn [INR] in Q. lra.
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

(* refuted: −1 forgotten *)
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

Fixpoint prod (n : nat) (f : nat -> R) : R :=
  match n with
  | O => 1
  | S m => prod m f * f m
  end.

Lemma prod_ext n f g : (forall t, t ∈ n -> f t = g t) -> prod n f = prod n g.
Proof. induction n as [|n IH]; intros H; [easy|]. simpl. now rewrite IH, H by auto. Qed.

(* A t is token t of a response of T tokens, all drawn from "old". *)
(* eq-ratio-variance af3e8dc5 for every K and every T *)
Theorem ratio_variance : forall K π old T, policy K old -> let w a := π a / old a in
  E a ∼ old ∈ K, w a ^ 2 = Σ a ∈ K, π a ^ 2 / old a /\
  E A ∼ old ^ T ∈ K, prod T (fun t => w (A t) ^ 2) = (Σ a ∈ K, π a ^ 2 / old a) ^ T.
Proof.
  intros K π old T Ho w. assert (H1 : E a ∼ old ∈ K, w a ^ 2 = Σ a ∈ K, π a ^ 2 / old a).
  { apply sum_ext. intros a Ha. pose proof (proj1 Ho a Ha). unfold w. field. lra. }
  split; [exact H1|]. rewrite <- H1. set (v := sum K _). induction T as [|T IH]; [easy|]. cbn [pow]. rewrite <- IH, <- group_scale. cbn [group_mean].
  apply group_ext. intros A. rewrite (sum_1 K _ (prod T (fun t => w (A t) ^ 2)) (fun a => old a * w a ^ 2)); [fold v; ring|].
  intros a _. cbn [prod]. rewrite with_draw_same, (prod_ext T _ (fun t => w (A t) ^ 2)); [ring|].
  intros t Ht. now rewrite with_draw_other by lia.
Qed.

(* refuted: T times *)
Theorem ratio_variance_wrong : ~ forall K π old T, policy K old -> let w a := π a / old a in
  E A ∼ old ^ T ∈ K, prod T (fun t => w (A t) ^ 2) = INR T * (Σ a ∈ K, π a ^ 2 / old a).
Proof.
  intros H. pose proof (H 2%nat third third 0%nat third_policy) as Q. cbn in Q. lra.
Qed.

(* p θ t is the probability of token t of a response of n tokens, s t its score; the root is the power 1/n. *)
(* eq-gspo-ratio affd1013 for every length and every parameter *)
Theorem gspo_ratio : forall n (p : (nat -> R) -> nat -> R) old θ k s, (1 <= n)%nat ->
  (forall t, 0 < old t) -> (forall θ t, 0 < p θ t) -> (forall t, ∂ (ln (p θ t)) /∂ θ[k] = s t) ->
  let ratio := Rpower (prod n (fun t => p θ t / old t)) (1 / INR n) in
  ∂ (Rpower (prod n (fun t => p θ t / old t)) (1 / INR n)) /∂ θ[k] = ratio / INR n * (Σ t ∈ n, s t).
Proof.
  intros n p old θ k s Hn Ho Hp Hs ratio. apply le_INR in Hn. simpl in Hn.
  assert (Hw : forall θ t, 0 < p θ t / old t) by (intros; now apply Rdiv_lt_0_compat).
  assert (Hprod : forall θ n, 0 < prod n (fun t => p θ t / old t)).
  { intros θ' m. induction m as [|m IH]; [simpl; lra|]. now apply Rmult_lt_0_compat. }
  assert (Hln : forall θ n, ln (prod n (fun t => p θ t / old t)) = Σ t ∈ n, (ln (p θ t) - ln (old t))).
  { intros θ' m. induction m as [|m IH]; [apply ln_1|]. cbn [prod sum]. now rewrite ln_mult, IH, ln_div. }
  unfold ratio, Rpower. eapply D_eq.
  - apply (D_exp (fun y => 1 / INR n * ln (prod n (fun t => p (put θ k y) t / old t)))).
    apply (D_mult (fun _ => 1 / INR n)); [apply D_const|].
    apply is_derive_ext with (fun y => Σ t ∈ n, (ln (p (put θ k y) t) - ln (old t))); [intros; symmetry; apply Hln|].
    apply (D_sum n (fun t y => ln (p (put θ k y) t) - ln (old t))). intros t _.
    apply (D_minus (fun y => ln (p (put θ k y) t)) (fun _ => ln (old t))); [exact (Hs t)|apply D_const].
  - cbv beta. rewrite put_same, (sum_ext n (fun t => s t - 0) (fun t => s t)) by (intros; ring). field. lra.
Qed.

(* refuted: 1/|o| forgotten *)
Theorem gspo_ratio_wrong : ~ forall n (p : (nat -> R) -> nat -> R) old θ k s, (1 <= n)%nat ->
  (forall t, 0 < old t) -> (forall θ t, 0 < p θ t) -> (forall t, ∂ (ln (p θ t)) /∂ θ[k] = s t) ->
  let ratio := Rpower (prod n (fun t => p θ t / old t)) (1 / INR n) in
  ∂ (Rpower (prod n (fun t => p θ t / old t)) (1 / INR n)) /∂ θ[k] = ratio * (Σ t ∈ n, s t).
Proof.
  intros H. set (p := fun (θ : nat -> R) (t : nat) => exp (θ 0%nat)).
  assert (Hs : forall t : nat, partial (fun θ => ln (p θ t)) (fun _ => 0) 0 1).
  { intros t. unfold partial, p, put. cbn. apply is_derive_ext with (fun y => y); [intros; now rewrite ln_exp|apply D_id]. }
  pose proof (H 2%nat p (fun _ => 1) _ 0%nat _ ltac:(lia) ltac:(intros; lra) ltac:(intros; apply exp_pos) Hs) as Q.
  pose proof (gspo_ratio 2 p (fun _ => 1) _ 0 _ ltac:(lia) ltac:(intros; lra) ltac:(intros; apply exp_pos) Hs) as Q'.
  pose proof (D_unique _ _ _ _ Q Q') as Q2. cbn [sum INR] in Q2. unfold Rpower in Q2.
  pose proof (exp_pos (1 / (1 + 1) * ln (prod 2 (fun t => p (fun _ => 0) t / 1)))). lra.
Qed.
