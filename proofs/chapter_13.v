(* Chapter 13, "From PPO to GRPO". KL K π ρ is the divergence D(π ‖ ρ); u is ρ/π, with the reference policy ρ.

   "term" and "alive" are those of chapter 12: the clipped term of one token, and 1 where it still has a slope, else 0. *)

Require Import Derivatives chapter_12.

(* k1 = −log u and k3 = u − 1 − log u. *)
(* eq-kl-estimators 306ae029 for every K *)
Theorem kl_estimators : forall K π ρ, policy K π -> policy K ρ ->
  let u a := ρ a / π a in
  E a ∼ π ∈ K, - ln (u a) = KL K π ρ /\
  E a ∼ π ∈ K, (u a - 1 - ln (u a)) = KL K π ρ /\
  forall a, a ∈ K -> 0 <= u a - 1 - ln (u a).
Proof.
  intros K π ρ Hπ Hρ u.
  assert (Hu : forall a, a ∈ K -> 0 < u a).
  { intros a Ha. apply Rdiv_lt_0_compat; [now apply Hρ|now apply Hπ]. }
  assert (Hk : forall a, a ∈ K -> ln (π a / ρ a) = - ln (u a)).
  { intros a Ha. apply log_flip; [now apply Hπ|now apply Hρ]. }
  unfold KL. repeat split.
  - apply sum_ext. intros a Ha. now rewrite Hk.
  - rewrite (sum_3 K _ 1 ρ (-1) π 1 (fun a => π a * ln (π a / ρ a))).
    + rewrite (policy_sum K ρ), (policy_sum K π) by easy. ring.
    + intros a Ha. rewrite (Hk a Ha). pose proof (proj1 Hπ a Ha). unfold u. field. lra.
  - intros a Ha. pose proof (exp_ge_line (ln (u a))) as H. rewrite exp_ln in H by auto. lra.
Qed.

(* refuted: the other direction *)
Theorem kl_estimators_wrong : ~ forall K π ρ, policy K π -> policy K ρ ->
  let u a := ρ a / π a in
  E a ∼ π ∈ K, - ln (u a) = KL K ρ π.
Proof.
  intros H. set (even := fun _ : nat => 1 / 2). assert (He : policy 2 even) by (unfold even; is_policy).
  pose proof (H 2%nat even third He third_policy) as Q. unfold KL, even, third in Q. cbn [sum] in Q. cbv zeta in Q.
  rewrite !ln_div, ln_1 in Q by lra.
  assert (Hq : ln (3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3) =
    ln (2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2)) by (rewrite !ln_mult by lra; lra).
  apply ln_inv in Hq; lra.
Qed.

(* The draws are those of π and stay; d1, d2, d3 are the derivatives of k1, k2 = ½ (log u)² and k3. *)
(* eq-kl-gradients b40154e1 for every K *)
Theorem kl_gradients : forall K z ρ b d1 d2 d3, policy K ρ -> b ∈ K -> let π := softmax K z in
  let log_u z a := ln (ρ a / softmax K z a) in
  (forall a, a ∈ K -> ∂ (- log_u z a) /∂ z[b] = d1 a) ->
  (forall a, a ∈ K -> ∂ (1 / 2 * log_u z a ^ 2) /∂ z[b] = d2 a) ->
  (forall a, a ∈ K -> ∂ (ρ a / softmax K z a - 1 - log_u z a) /∂ z[b] = d3 a) ->
  E a ∼ π ∈ K, d1 a = 0 /\
  (∂ (KL K (softmax K z) ρ) /∂ z[b] = E a ∼ π ∈ K, d2 a) /\
  (∂ (KL K ρ (softmax K z)) /∂ z[b] = E a ∼ π ∈ K, d3 a).
Proof.
  intros K z ρ b d1 d2 d3 Hρ Hb π log_u H1 H2 H3. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  split; [|split].
  - rewrite <- (score_zero K π b Hπ Hb). apply sum_ext. intros a Ha. f_equal. apply (D_unique _ _ _ _ (H1 a Ha)).
    eapply D_eq; [apply (D_opp (fun x => log_u (put z b x) a)); now apply D_log_u|]. fold π. ring.
  - eapply D_eq; [now apply D_KL|]. apply sum_ext. intros a Ha. fold π. f_equal.
    apply (D_unique (fun x => 1 / 2 * log_u (put z b x) a ^ 2) (z b)); [|exact (H2 a Ha)].
    eapply D_eq; [apply (D_mult (fun _ => 1 / 2)); [apply D_const|apply D_square; now apply D_log_u]|].
    cbv beta. rewrite put_same. unfold log_u. fold π. rewrite (log_flip (π a)); [field|now apply Hπ|now apply Hρ].
  - eapply D_eq; [now apply D_KL_other|]. fold π.
    rewrite (sum_ext K (fun a => π a * d3 a) (fun a => 1 * (π a * (δ a b - π b)) + (-1) * (ρ a * (δ a b - π b)))).
    + rewrite sum_plus, !sum_scale, score_zero by easy. ring.
    + intros a Ha. pose proof (proj1 Hπ a Ha).
      assert (Hd : is_derive (fun x => ρ a / softmax K (put z b x) a - 1 - log_u (put z b x) a) (z b)
        (- (ρ a / π a) * (δ a b - π b) - 0 - - (δ a b - π b))).
      { apply (D_minus (fun x => ρ a / softmax K (put z b x) a - 1) (fun x => log_u (put z b x) a)); [|now apply D_log_u].
        apply (D_minus (fun x => ρ a / softmax K (put z b x) a) (fun _ => 1)); [now apply D_u|apply D_const]. }
      rewrite (D_unique _ _ _ _ (H3 a Ha) Hd). field. lra.
Qed.

(* refuted: gradient of the mean *)
Theorem kl_gradients_wrong : ~ forall K z ρ b d1, policy K ρ -> b ∈ K -> let π := softmax K z in
  (forall a, a ∈ K -> ∂ (- ln (ρ a / softmax K z a)) /∂ z[b] = d1 a) ->
  ∂ (KL K (softmax K z) ρ) /∂ z[b] = E a ∼ π ∈ K, d1 a.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) third 0%nat _ third_policy ltac:(lia)
    (fun a Ha => D_opp _ _ _ (D_log_u 2 (fun _ => 0) third a 0 third_policy Ha ltac:(lia)))).
  apply D_KL_even in H. differs H.
Qed.

(* One action a; w = π/old with a policy "old" that is held fixed, s the score. *)
(* eq-kl-weighted e94cc6ad for every K *)
Theorem kl_weighted : forall K z old ρ a b, policy K old -> policy K ρ -> a ∈ K -> b ∈ K -> let π := softmax K z in
  let w := π a / old a in let u := ρ a / π a in let s := δ a b - π b in let k3 := u - 1 - ln u in
  (∂ (softmax K z a / old a * (ρ a / softmax K z a - 1 - ln (ρ a / softmax K z a))) /∂ z[b] =
    w * k3 * s + w * (1 - u) * s) /\
  w * k3 * s + w * (1 - u) * s = - ln u * w * s.
Proof.
  intros K z old ρ a b Ho Hρ Ha Hb π w u s k3. pose proof (proj1 Ho a Ha).
  split; [|unfold k3; ring]. eapply D_eq.
  - apply (D_mult (fun x => softmax K (put z b x) a / old a)
      (fun x => ρ a / softmax K (put z b x) a - 1 - ln (ρ a / softmax K (put z b x) a))).
    + derive. lra.
    + apply (D_minus (fun x => ρ a / softmax K (put z b x) a - 1) (fun x => ln (ρ a / softmax K (put z b x) a))).
      * apply (D_minus (fun x => ρ a / softmax K (put z b x) a) (fun _ => 1)); [now apply D_u|apply D_const].
      * now apply D_log_u.
  - cbv beta. rewrite put_same. fold π u. unfold k3, w, s. field. lra.
Qed.

(* refuted: ratio not differentiated *)
Theorem kl_weighted_wrong : ~ forall K z old ρ a b, policy K old -> policy K ρ -> a ∈ K -> b ∈ K -> let π := softmax K z in
  let w := π a / old a in let u := ρ a / π a in let s := δ a b - π b in
  - ln u * w * s = w * (1 - u) * s.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) third third 0%nat 0%nat third_policy third_policy ltac:(lia) ltac:(lia)).
  cbv zeta in H. rewrite !softmax_even in H. unfold δ, third in H. cbn [Nat.eqb INR] in H.
  replace (1 / 3 / / (1 + 1)) with (2 / 3) in H by lra. assert (Hl : ln (2 / 3) = - (1 / 3)) by lra.
  apply (f_equal exp) in Hl. rewrite exp_ln in Hl by lra.
  pose proof (exp_ineq1 (- (1 / 6)) ltac:(lra)). replace (- (1 / 3)) with (- (1 / 6) + - (1 / 6)) in Hl by lra.
  rewrite exp_plus in Hl. nra.
Qed.

(* k1 = −log u as a part of the return; entry b of both gradients. *)
(* eq-kl-in-reward 90cd25a0 for every K *)
Theorem kl_in_reward : forall K z ρ r l b, policy K ρ -> b ∈ K -> let π := softmax K z in
  let k1 a := - ln (ρ a / π a) in
  ∂ (expected_return K r z - l * KL K (softmax K z) ρ) /∂ z[b] = E a ∼ π ∈ K, (r a - l * k1 a) * (δ a b - π b).
Proof.
  intros K z ρ r l b Hρ Hb π k1. assert (Hπ : policy K π) by (apply softmax_policy; lia). eapply D_eq.
  - apply (D_minus (fun x => expected_return K r (put z b x)) (fun x => l * KL K (softmax K (put z b x)) ρ)).
    + now apply D_expected_return.
    + apply (D_mult (fun _ => l)); [apply D_const|now apply D_KL].
  - fold π. rewrite <- mean_score by easy.
    rewrite (sum_2 K (fun a => π a * ((r a - l * k1 a) * (δ a b - π b))) 1 (fun a => π a * (r a * (δ a b - π b)))
      (- l) (fun a => π a * (ln (π a / ρ a) * (δ a b - π b)))); [ring|].
    intros a Ha. unfold k1. rewrite (log_flip (π a)); [ring|now apply Hπ|now apply Hρ].
Qed.

(* refuted: sign *)
Theorem kl_in_reward_wrong : ~ forall K z ρ r l b, policy K ρ -> b ∈ K -> let π := softmax K z in
  let k1 a := - ln (ρ a / π a) in
  ∂ (expected_return K r z + l * KL K (softmax K z) ρ) /∂ z[b] = E a ∼ π ∈ K, (r a - l * k1 a) * (δ a b - π b).
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) third (fun _ => 0) 1 0%nat third_policy ltac:(lia)).
  assert (H' : partial (fun z => KL 2 (softmax 2 z) third) (fun _ => 0) 0
    (E a ∼ (softmax 2 (fun _ => 0)) ∈ 2, (0 - 1 * - ln (third a / softmax 2 (fun _ => 0) a)) * (δ a 0 - softmax 2 (fun _ => 0) 0))).
  { eapply is_derive_ext; [|exact H]. intros t. cbv beta. unfold expected_return. rewrite (sum_zero 2) by (intros; ring).
    match goal with |- ?x = ?y => change (@eq R x y) end. ring. }
  apply D_KL_even in H'. cbn [sum] in H'. rewrite !softmax_even in H'. unfold δ, third in H'. cbn [Nat.eqb INR] in H'.
  pose proof (ln_increasing (1 / 3 / / (1 + 1)) (2 / 3 / / (1 + 1)) ltac:(lra) ltac:(lra)). lra.
Qed.

(* What the actions of a set B (those with B a = 1, and not 0) have of the mean square of the score. *)
(* eq-token-score-share 7aa783e3 for every K and every B *)
Theorem token_score_share : forall K π B, policy K π ->
  (E a ∼ π ∈ K, B a * norm2 K (fun b => δ a b - π b)) / (E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b)) =
  (Σ a ∈ K, B a * (π a * (1 - 2 * π a + norm2 K π))) / (1 - norm2 K π).
Proof.
  intros K π B Hπ.
  assert (Hs : forall a, a ∈ K -> norm2 K (fun b => δ a b - π b) = 1 - 2 * π a + norm2 K π).
  { intros a Ha. unfold norm2. rewrite (sum_2 K _ 1 (fun b => δ b a * (1 - 2 * π b)) 1 (fun b => π b ^ 2)), sum_δ; [ring|easy|].
    intros b _. rewrite δ_sym. transitivity (δ b a * δ b a - 2 * δ b a * π b + π b ^ 2); [ring|rewrite δ_square; ring]. }
  f_equal.
  - apply sum_ext. intros a Ha. rewrite (Hs a Ha). ring.
  - rewrite (sum_2 K _ (1 + norm2 K π) π (-2) (fun a => π a ^ 2)).
    + rewrite policy_sum by easy. fold (norm2 K π). ring.
    + intros a Ha. rewrite (Hs a Ha). ring.
Qed.

(* refuted: mass alone *)
Theorem token_score_share_wrong : ~ forall K π B, policy K π ->
  (E a ∼ π ∈ K, B a * norm2 K (fun b => δ a b - π b)) / (E a ∼ π ∈ K, norm2 K (fun b => δ a b - π b)) =
  Σ a ∈ K, B a * π a.
Proof.
  intros H. specialize (H 6%nat example (fun a => δ a 0) example_policy). unfold norm2 in H. cbn [sum] in H.
  cbv beta in H. unfold δ in H. cbn [Nat.eqb example] in H. lra.
Qed.

(* p is the probability of the leading token. *)
(* eq-tail-share 9eaecade for all p in (0, 1) *)
Theorem tail_share : forall p : R, 0 < p < 1 -> (1 - p) * (1 + p ^ 2) / (1 - p ^ 2) = (1 + p ^ 2) / (1 + p).
Proof. intros p H. field. split; nra. Qed.

(* refuted: 1 *)
Theorem tail_share_wrong : ~ forall p : R, 0 < p < 1 -> (1 - p) * (1 + p ^ 2) / (1 - p ^ 2) = 1.
Proof. intros H. specialize (H (1 / 2) ltac:(lra)). lra. Qed.

(* eq-reweighted-objective 790d6f92 for every K *)
Theorem reweighted_objective : forall K z A c b g h, b ∈ K -> let π := softmax K z in
  ∂ (Σ a ∈ K, softmax K z a * A a) /∂ z[b] = g ->
  ∂ (Σ a ∈ K, softmax K z a ^ 2 * A a) /∂ z[b] = h ->
  E a ∼ π ∈ K, (c * π a + 1 - c) * A a * (δ a b - π b) = (1 - c) * g + c / 2 * h.
Proof.
  intros K z A c b g h Hb π Hg Hh.
  assert (Hg' : ∂ (Σ a ∈ K, softmax K z a * A a) /∂ z[b] = Σ a ∈ K, π a * (δ a b - π b) * A a).
  { eapply D_eq; [derive|]. cbv beta. apply sum_ext. intros. fold π. ring. }
  assert (Hh' : ∂ (Σ a ∈ K, softmax K z a ^ 2 * A a) /∂ z[b] = Σ a ∈ K, 2 * π a * (π a * (δ a b - π b)) * A a).
  { eapply D_eq; [derive|]. cbv beta. rewrite put_same. apply sum_ext. intros. fold π. ring. }
  rewrite (D_unique _ _ _ _ Hg Hg'), (D_unique _ _ _ _ Hh Hh'). apply sum_2. intros. field.
Qed.

(* refuted: unbiased *)
Theorem reweighted_objective_wrong : ~ forall K z A c b g, b ∈ K -> let π := softmax K z in
  ∂ (Σ a ∈ K, softmax K z a * A a) /∂ z[b] = g ->
  E a ∼ π ∈ K, (c * π a + 1 - c) * A a * (δ a b - π b) = g.
Proof.
  intros H. specialize (H 2%nat log_third (fun _ => 1) 1 0%nat _ ltac:(lia)
    (D_expected_return 2 (fun _ => 1) log_third 0 ltac:(lia))). differs H.
Qed.

(* x is a response: R x its return, L x its length, s x the sum of the scores of its tokens. *)
(* eq-length-objective 120da62f for finitely many responses *)
Theorem length_objective : forall n p θ i D s R L b g h, family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, R x / L x) /∂ θ[i] = g ->
  ∂ (E x ∼ (p θ) ∈ n, 1 / L x) /∂ θ[i] = h ->
  E x ∼ (p θ) ∈ n, (R x - b) / L x * s x = g - b * h.
Proof.
  intros n p θ i D s R L b g h Hf Hg Hh.
  rewrite (D_unique _ _ _ _ Hg (D_mean n p θ i D s (fun x => R x / L x) Hf)).
  rewrite (D_unique _ _ _ _ Hh (D_mean n p θ i D s (fun x => 1 / L x) Hf)).
  rewrite (sum_2 n _ 1 (fun x => p θ x * (R x / L x * s x)) (- b) (fun x => p θ x * (1 / L x * s x))); [ring|].
  intros. unfold Rdiv. ring.
Qed.

(* refuted: b drops out *)
Theorem length_objective_wrong : ~ forall n p θ i D s R L b g, family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, R x / L x) /∂ θ[i] = g ->
  E x ∼ (p θ) ∈ n, (R x - b) / L x * s x = g.
Proof.
  intros H. pose proof (family_softmax 2 log_third 0 ltac:(lia)) as Hf.
  specialize (H _ _ log_third 0%nat _ _ (fun _ => 0) (fun x => 1 + δ x 0) 1 _ Hf (D_mean _ _ _ _ _ _ (fun x => 0 / (1 + δ x 0)) Hf)).
  differs H.
Qed.

(* Response i has the length len i and the advantage A i; pr θ i t is the probability of its token t, s i t the score of that.
   No ratio is on an edge of the clip. *)
(* eq-grpo-gradient 70db358c for every group, every length and every parameter *)
Theorem grpo_gradient : forall G len (pr : (nat -> R) -> nat -> nat -> R) old ref A ε l θ k s, 0 < ε ->
  (forall i t, 0 < old i t /\ 0 < ref i t) -> (forall θ i t, 0 < pr θ i t) ->
  (forall i t, ∂ (ln (pr θ i t)) /∂ θ[k] = s i t) ->
  let w i t := pr θ i t / old i t in let u i t := ref i t / pr θ i t in
  (forall i t, w i t <> 1 - ε /\ w i t <> 1 + ε) ->
  let c i t := w i t * A i * alive ε (A i) (w i t) + l * (u i t - 1) in
  ∂ (1 / INR G * (Σ i ∈ G, 1 / INR (len i) * (Σ t ∈ len i, (term ε (A i) (pr θ i t / old i t) -
      l * (ref i t / pr θ i t - 1 - ln (ref i t / pr θ i t)))))) /∂ θ[k] =
    1 / INR G * (Σ i ∈ G, 1 / INR (len i) * (Σ t ∈ len i, c i t * s i t)).
Proof.
  intros G len pr old ref A ε l θ k s Hε Ho Hp Hs w u Hw c. eapply D_eq.
  - apply (D_mult (fun _ => 1 / INR G)); [apply D_const|].
    apply (D_sum G (fun i y => 1 / INR (len i) * (Σ t ∈ len i, (term ε (A i) (pr (put θ k y) i t / old i t) -
      l * (ref i t / pr (put θ k y) i t - 1 - ln (ref i t / pr (put θ k y) i t)))))). intros i _.
    apply (D_mult (fun _ => 1 / INR (len i))); [apply D_const|].
    apply (D_sum (len i) (fun t y => term ε (A i) (pr (put θ k y) i t / old i t) -
      l * (ref i t / pr (put θ k y) i t - 1 - ln (ref i t / pr (put θ k y) i t)))). intros t _.
    destruct (Ho i t) as [Ho1 Hr]. pose proof (Hp θ i t) as Hp0.
    assert (HD : ∂ (pr θ i t) /∂ θ[k] = pr θ i t * s i t).
    { apply is_derive_ext with (fun y => exp (ln (pr (put θ k y) i t))); [intros; now apply exp_ln|].
      eapply D_eq; [apply (D_exp (fun y => ln (pr (put θ k y) i t))); exact (Hs i t)|]. cbv beta. now rewrite put_same, exp_ln. }
    assert (HDw : is_derive (fun y => pr (put θ k y) i t / old i t) (θ k) (w i t * s i t)).
    { eapply D_eq; [apply (D_div (fun y => pr (put θ k y) i t) (fun _ => old i t)); [exact HD|apply D_const|lra]|].
      cbv beta. unfold w. field. lra. }
    assert (HDu : is_derive (fun y => ref i t / pr (put θ k y) i t) (θ k) (- u i t * s i t)).
    { eapply D_eq; [apply (D_div (fun _ => ref i t) (fun y => pr (put θ k y) i t)); [apply D_const|exact HD|cbv beta; rewrite put_same; lra]|].
      cbv beta. rewrite put_same. unfold u. field. lra. }
    apply (D_minus (fun y => term ε (A i) (pr (put θ k y) i t / old i t)) (fun y => l * (ref i t / pr (put θ k y) i t - 1 - ln (ref i t / pr (put θ k y) i t)))).
    + apply (D_chain (term ε (A i)) (fun y => pr (put θ k y) i t / old i t)); [|exact HDw].
      cbv beta. rewrite put_same. now apply D_term; [|apply Hw..].
    + apply (D_mult (fun _ => l)); [apply D_const|].
      apply (D_minus (fun y => ref i t / pr (put θ k y) i t - 1) (fun y => ln (ref i t / pr (put θ k y) i t))).
      * apply (D_minus (fun y => ref i t / pr (put θ k y) i t) (fun _ => 1)); [exact HDu|apply D_const].
      * apply (D_log (fun y => ref i t / pr (put θ k y) i t)); [cbv beta; rewrite put_same; now apply Rdiv_lt_0_compat|exact HDu].
  - cbv beta. rewrite put_same, Rmult_0_l, Rplus_0_l. f_equal. apply sum_ext. intros i _. rewrite Rmult_0_l, Rplus_0_l. f_equal.
    apply sum_ext. intros t _. destruct (Ho i t). pose proof (Hp θ i t). unfold c. fold (w i t) (u i t).
    assert (u i t <> 0) by (pose proof (Rdiv_lt_0_compat (ref i t) (pr θ i t)); unfold u; lra). field. lra.
Qed.

(* One token of one response, at the old policy and far from the reference. *)
(* refuted: penalty added *)
Theorem grpo_gradient_wrong : ~ forall G len (pr : (nat -> R) -> nat -> nat -> R) old ref A ε l θ k s, 0 < ε ->
  (forall i t, 0 < old i t /\ 0 < ref i t) -> (forall θ i t, 0 < pr θ i t) ->
  (forall i t, ∂ (ln (pr θ i t)) /∂ θ[k] = s i t) ->
  let w i t := pr θ i t / old i t in let u i t := ref i t / pr θ i t in
  (forall i t, w i t <> 1 - ε /\ w i t <> 1 + ε) ->
  let c i t := w i t * A i * alive ε (A i) (w i t) - l * (u i t - 1) in
  ∂ (1 / INR G * (Σ i ∈ G, 1 / INR (len i) * (Σ t ∈ len i, (term ε (A i) (pr θ i t / old i t) -
      l * (ref i t / pr θ i t - 1 - ln (ref i t / pr θ i t)))))) /∂ θ[k] =
    1 / INR G * (Σ i ∈ G, 1 / INR (len i) * (Σ t ∈ len i, c i t * s i t)).
Proof.
  intros H. set (pr := fun (θ : nat -> R) (i t : nat) => exp (θ 0%nat)).
  assert (Hs : forall i t : nat, partial (fun θ => ln (pr θ i t)) (fun _ => 0) 0 1).
  { intros i t. unfold partial, pr, put. cbn. apply is_derive_ext with (fun y => y); [intros; now rewrite ln_exp|apply D_id]. }
  assert (Hw : forall i t : nat, pr (fun _ => 0) i t / 1 <> 1 - 1 / 2 /\ pr (fun _ => 0) i t / 1 <> 1 + 1 / 2).
  { intros. unfold pr. rewrite exp_0. lra. }
  pose proof (H 1%nat (fun _ => 1%nat) pr (fun _ _ => 1) (fun _ _ => 2) (fun _ => 0) (1 / 2) 1 (fun _ => 0) 0%nat (fun _ _ => 1)
    ltac:(lra) ltac:(intros; lra) ltac:(intros; apply exp_pos) Hs Hw) as Q.
  pose proof (grpo_gradient 1 (fun _ => 1%nat) pr (fun _ _ => 1) (fun _ _ => 2) (fun _ => 0) (1 / 2) 1 (fun _ => 0) 0 (fun _ _ => 1)
    ltac:(lra) ltac:(intros; lra) ltac:(intros; apply exp_pos) Hs Hw) as Q'.
  pose proof (D_unique _ _ _ _ Q Q') as Q2. cbn [sum INR] in Q2. unfold pr in Q2. rewrite exp_0 in Q2. lra.
Qed.
