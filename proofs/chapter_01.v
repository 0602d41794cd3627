(* Chapter 1, "Does REINFORCE favour unlikely actions?" *)

Require Import Derivatives.

(* eq-log-chain 89f92802 for every K *)
Theorem log_chain : forall K z a b D, a ∈ K -> let π := softmax K z in
  ∂ (softmax K z a) /∂ z[b] = D ->
  ∂ (ln (softmax K z a)) /∂ z[b] = 1 / π a * D.
Proof.
  intros K z a b D Ha π H. assert (0 < π a) by (apply softmax_pos; lia). eapply D_eq.
  - apply (D_ln (fun x => softmax K (put z b x) a)); [rewrite put_same; easy|exact H].
  - cbv beta. rewrite put_same. fold (π a). field. lra.
Qed.

(* refuted: not divided *)
Theorem log_chain_wrong : ~ forall K z a b D, a ∈ K -> let π := softmax K z in
  ∂ (softmax K z a) /∂ z[b] = D ->
  ∂ (ln (softmax K z a)) /∂ z[b] = D.
Proof.
  intros H. specialize (H 2%nat log_third 0%nat 0%nat _ ltac:(lia) (D_softmax 2 _ 0 0 ltac:(lia))).
  derivatives_differ H (D_log_softmax 2 log_third 0 0 ltac:(lia)).
Qed.

(* The update of logit b after action a is step size × return × derivative of log π_a. *)
(* eq-one-update c93d7e32 for every K *)
Theorem one_update : forall K z a b α R, b ∈ K -> let π := softmax K z in
  ∂ (α * R * ln (softmax K z a)) /∂ z[b] = α * R * (δ a b - π b).
Proof.
  intros K z a b α R Hb π. eapply D_eq; [derive|]. fold π. ring.
Qed.

(* refuted: π_a for π_b *)
Theorem one_update_wrong : ~ forall K z a b α R, b ∈ K -> let π := softmax K z in
  ∂ (α * R * ln (softmax K z a)) /∂ z[b] = α * R * (δ a b - π a).
Proof.
  intros H. specialize (H 2%nat log_third 0%nat 1%nat 1 1 ltac:(lia)).
  derivatives_differ H (one_update 2 log_third 0 1 1 1 ltac:(lia)).
Qed.

(* With step size 1, as in the text. *)
(* eq-expected-update f5c7dab7 for every K *)
Theorem expected_update : forall K π r b, policy K π -> b ∈ K ->
  let J := E a ∼ π ∈ K, r a in
  E a ∼ π ∈ K, r a * (δ a b - π b) = π b * (r b - J).
Proof. intros. now apply mean_score. Qed.

(* refuted: J forgotten *)
Theorem expected_update_wrong : ~ forall K π r b, policy K π -> b ∈ K ->
  let J := E a ∼ π ∈ K, r a in
  E a ∼ π ∈ K, r a * (δ a b - π b) = π b * r b.
Proof. intros H. specialize (H 2%nat third (fun _ => 1) 0%nat third_policy ltac:(lia)). differs H. Qed.

(* eq-gradient-of-j e7d2dff4 for every K *)
Theorem gradient_of_j : forall K z r b, b ∈ K -> let π := softmax K z in
  let J := E a ∼ π ∈ K, r a in
  ∂ (expected_return K r z) /∂ z[b] = π b * (r b - J) /\
  π b * (r b - J) = E a ∼ π ∈ K, r a * (δ a b - π b).
Proof.
  intros K z r b Hb π J. split; [now apply D_expected_return|]. symmetry. now apply mean_score.
Qed.

(* refuted: 1/π left out *)
Theorem gradient_of_j_wrong : ~ forall K z r b, b ∈ K -> let π := softmax K z in
  ∂ (expected_return K r z) /∂ z[b] = E a ∼ π ∈ K, π a * r a * (δ a b - π b).
Proof.
  intros H. specialize (H 2%nat log_third (fun _ => 1) 0%nat ltac:(lia)).
  derivatives_differ H (D_expected_return 2 (fun _ => 1) log_third 0 ltac:(lia)).
Qed.

(* The expected update with step size α is the derivative of α J. *)
(* thm-reinforce-climbs d0c7e4e0 for every K *)
Theorem reinforce_climbs : forall K z r α b s, b ∈ K -> scores K z s -> let π := softmax K z in
  ∂ (α * expected_return K r z) /∂ z[b] = E a ∼ π ∈ K, α * r a * s a b.
Proof.
  intros K z r α b s Hb Hs π. eapply D_eq; [derive; now apply D_expected_return|].
  rewrite Rmult_0_l, Rplus_0_l, <- mean_score, <- sum_scale by easy. apply sum_ext. intros a Ha.
  rewrite (scores_is K z s a b Hs Ha Hb). fold π. ring.
Qed.

(* refuted: actions drawn uniformly *)
Theorem reinforce_climbs_wrong : ~ forall K z r α b s, b ∈ K -> scores K z s -> let π := softmax K z in
  ∂ (α * expected_return K r z) /∂ z[b] = 1 / INR K * (Σ a ∈ K, α * r a * s a b).
Proof.
  intros H. specialize (H 2%nat log_third (fun _ => 1) 1 0%nat _ ltac:(lia) (scores_has 2 log_third)).
  derivatives_differ H (reinforce_climbs 2 log_third (fun _ => 1) 1 0 _ ltac:(lia) (scores_has 2 log_third)).
Qed.

(* All pay 50, only action 1 pays 50, only action 2 does. The book counts actions from 1, these files from 0. *)
(* eq-three-worlds d2c6c8d7 for the example *)
Theorem three_worlds : let π := example in
  let push r b := E a ∼ π ∈ 6, r a * (δ a b - π b) in
  (forall b, b ∈ 6 -> push (fun _ => 50) b = 0) /\
  push (fun a => 50 * δ a 0) 0%nat = 12.5 /\
  (forall b, b ∈ 6 -> b <> 0%nat -> push (fun a => 50 * δ a 0) b = -2.5) /\
  push (fun a => 50 * δ a 1) 0%nat = -2.5 /\
  push (fun a => 50 * δ a 1) 1%nat = 4.5 /\
  (forall b, b ∈ 6 -> b <> 0%nat -> b <> 1%nat -> push (fun a => 50 * δ a 1) b = -0.5).
Proof.
  cbv zeta. repeat split; intros; rewrite mean_score by lia;
  do 6 try destruct b as [|b]; try lia; write_out; cbn [example]; lra.
Qed.

(* refuted: only the winner moves *)
Theorem three_worlds_wrong : ~ let π := example in
  let push r b := E a ∼ π ∈ 6, r a * (δ a b - π b) in
  forall b, b ∈ 6 -> b <> 0%nat -> push (fun a => 50 * δ a 0) b = 0.
Proof. cbv zeta. intros H. specialize (H 1%nat ltac:(lia) ltac:(lia)). differs H. Qed.

(* eq-likelier e5a89545 for all p and q *)
Theorem likelier : forall p q : R, p * (1 - p) - q * (1 - q) = (p - q) * (1 - (p + q)).
Proof. intros. ring. Qed.

(* refuted: 1 − p + q *)
Theorem likelier_wrong : ~ forall p q : R, p * (1 - p) - q * (1 - q) = (p - q) * (1 - p + q).
Proof. intros H. specialize (H (1 / 2) (1 / 4)). lra. Qed.

(* The push on an action c that alone pays, and pays R. *)
(* prop-likelier 2135c528 for every K *)
Theorem likelier_never_less : forall K z R a b, let π := softmax K z in
  let push c := E d ∼ π ∈ K, R * δ d c * (δ d c - π c) in
  a ∈ K -> b ∈ K -> a <> b -> 0 < R -> π b <= π a ->
  push b <= push a /\ (push a = push b <-> π a = π b \/ K = 2%nat).
Proof.
  intros K z R a b π push Ha Hb Hab HR Hba.
  assert (Hπ : policy K π) by (apply softmax_policy; lia).
  assert (Hpush : forall c, c ∈ K -> push c = R * (π c * (1 - π c))).
  { intros c Hc. unfold push. rewrite (mean_score K π (fun d => R * δ d c)) by easy.
    rewrite δ_same, (sum_1 K _ R (fun d => δ d c * π d)), sum_δ by (easy || intros; ring). ring. }
  rewrite !Hpush by easy. pose proof (policy_pair K π a b Hπ Ha Hb Hab).
  pose proof (likelier (π a) (π b)) as L. split; [apply Rmult_le_compat_l; [lra|]; nra|]. split.
  - intros Heq. apply Rmult_eq_reg_l in Heq; [|lra]. assert (F : (π a - π b) * (1 - (π a + π b)) = 0) by lra.
    apply Rmult_integral in F as [F|F]; [lra|]. right.
    destruct (Nat.eq_dec K 2) as [|HK]; [easy|exfalso].
    destruct (other_action K a b) as (c & Hc & Hca & Hcb); [lia..|].
    pose proof (policy_triple K π a b c Hπ Ha Hb Hc Hab (not_eq_sym Hca) (not_eq_sym Hcb)).
    pose proof (proj1 Hπ c Hc). lra.
  - intros [->| ->]; [easy|]. pose proof (policy_sum 2 π Hπ) as Hs. cbn [sum] in Hs.
    assert (π a + π b = 1) by (destruct a as [|[|]], b as [|[|]]; lia || lra). nra.
Qed.

(* refuted: the rarer action never gets less *)
Theorem likelier_never_less_wrong : ~ forall K z R a b, let π := softmax K z in
  let push c := E d ∼ π ∈ K, R * δ d c * (δ d c - π c) in
  a ∈ K -> b ∈ K -> a <> b -> 0 < R -> π b <= π a ->
  push a <= push b.
Proof.
  intros H. specialize (H 6%nat (fun a => ln (example a)) 1 0%nat 1%nat). cbv zeta in H.
  cbn [sum] in H. rewrite !(softmax_of 6 example) in H by (apply example_policy || lia).
  unfold δ in H. cbn [Nat.eqb example] in H. specialize (H ltac:(lia) ltac:(lia) ltac:(lia)). lra.
Qed.
