(* Chapter 14, "Plausible but false". KL K π ρ is the divergence D(π ‖ ρ); u is ρ/π, with the reference policy ρ. *)

Require Import Derivatives.

(* The expected change of log(π_b/π_c) when each action a moves the logits by α r_a times its score. *)
(* eq-log-odds-average 3a20f704 for every K *)
Theorem log_odds_average : forall K z r α b c, b ∈ K -> c ∈ K -> let π := softmax K z in
  let J := E a ∼ π ∈ K, r a in
  let π' a := softmax K (fun d => z d + α * r a * (δ a d - π d)) in
  E a ∼ π ∈ K, (ln (π' a b / π' a c) - ln (π b / π c)) = α * π b * (r b - J) - α * π c * (r c - J).
Proof.
  intros K z r α b c Hb Hc π J π'.
  assert (Hln : forall y, ln (softmax K y b / softmax K y c) = y b - y c).
  { intros y. pose proof (sum_exp_pos K y b Hb). unfold softmax.
    replace (exp (y b) / sum K (fun d => exp (y d)) / (exp (y c) / sum K (fun d => exp (y d)))) with (exp (y b - y c)).
    - apply ln_exp.
    - unfold Rminus. rewrite exp_plus, exp_Ropp. pose proof (exp_pos (y c)). field. lra. }
  pose proof (Hln z) as Hz. fold π in Hz. unfold π'. rewrite (sum_2 K _ α (fun a => π a * (r a * (δ a b - π b))) (- α)
    (fun a => π a * (r a * (δ a c - π c)))).
  - rewrite !mean_score by easy. fold J. ring.
  - intros a _. rewrite Hln, Hz. ring.
Qed.

(* refuted: J forgotten *)
Theorem log_odds_average_wrong : ~ forall K z r α b c, b ∈ K -> c ∈ K -> let π := softmax K z in
  let π' a := softmax K (fun d => z d + α * r a * (δ a d - π d)) in
  E a ∼ π ∈ K, (ln (π' a b / π' a c) - ln (π b / π c)) = α * π b * r b - α * π c * r c.
Proof.
  intros H. specialize (H 2%nat log_third (fun _ => 1) 1 0%nat 1%nat ltac:(lia) ltac:(lia)).
  pose proof (log_odds_average 2 log_third (fun _ => 1) 1 0 1 ltac:(lia) ltac:(lia)) as H'.
  pose proof (eq_trans (eq_sym H) H') as Q. differs Q.
Qed.

(* Two actions: the variances of the two entries of the update, added. *)
(* eq-crossed-baseline 203fa3dd for every policy of two actions *)
Theorem crossed_baseline : forall π r β, policy 2 π -> let π1 := π 0%nat in let π2 := π 1%nat in
  let m := π2 * r 0%nat + π1 * r 1%nat in
  Σ b ∈ 2, Var 2 π (fun a => (r a - β) * (δ a b - π b)) = 2 * π1 * π2 * (β - m) ^ 2.
Proof.
  intros π r β Hπ π1 π2 m. pose proof (policy_sum 2 π Hπ) as Hs. cbn [sum] in Hs. unfold Var. write_out.
  unfold m, π1, π2. replace (π 1%nat) with (1 - π 0%nat) by lra. ring.
Qed.

(* refuted: lowest at the mean *)
Theorem crossed_baseline_wrong : ~ forall π r β, policy 2 π -> let π1 := π 0%nat in let π2 := π 1%nat in
  let J := π1 * r 0%nat + π2 * r 1%nat in
  Σ b ∈ 2, Var 2 π (fun a => (r a - β) * (δ a b - π b)) = 2 * π1 * π2 * (β - J) ^ 2.
Proof. intros H. specialize (H third (fun a => δ a 0) 0 third_policy). differs H. Qed.

(* Only action a pays, and pays R; then J is π_a R. *)
(* eq-loss-of-one-payer 0d912e3b for every K *)
Theorem loss_of_one_payer : forall K π R a, policy K π -> a ∈ K -> 0 < R -> let J := π a * R in
  - (E c ∼ π ∈ K, R * δ c a * ln (π c)) = J * ln (R / J) /\
  is_derive (fun J => J * ln (R / J)) J (ln (R / J) - 1).
Proof.
  intros K π R a Hπ Ha HR J. pose proof (proj1 Hπ a Ha) as Hp. assert (HJ : 0 < J) by now apply Rmult_lt_0_compat.
  split.
  - rewrite (sum_1 K _ R (fun c => δ c a * (π c * ln (π c)))), sum_δ by (easy || intros; ring).
    rewrite log_flip by easy. replace (J / R) with (π a) by (unfold J; field; lra). unfold J. ring.
  - apply is_derive_ext_loc with (fun J => J * (ln R - ln J)).
    + exists (mkposreal J HJ). intros y Hy. unfold ball in Hy; simpl in Hy. unfold AbsRing_ball, abs, minus, plus, opp in Hy.
      simpl in Hy. apply Rabs_lt_between in Hy. rewrite ln_div by lra. easy.
    + eapply D_eq; [derive; easy|]. rewrite ln_div by easy. field. lra.
Qed.

(* refuted: 1 forgotten *)
Theorem loss_of_one_payer_wrong : ~ forall R J : R, 0 < R -> 0 < J ->
  is_derive (fun J => J * ln (R / J)) J (ln (R / J)).
Proof.
  intros H. specialize (H 2 (third 0 * 2) ltac:(lra) ltac:(unfold third; lra)).
  pose proof (proj2 (loss_of_one_payer 2 third 2 0 third_policy ltac:(lia) ltac:(lra))) as H'.
  pose proof (D_unique _ _ _ _ H H') as Q. lra.
Qed.

(* δ is here the push on the logit of a. *)
(* eq-odds-multiply b46220a1 for every K *)
Theorem odds_multiply : forall K z a push, (2 <= K)%nat -> a ∈ K -> let π := softmax K z in
  let π' := softmax K (put z a (z a + push)) in
  π' a / (1 - π' a) = exp push * (π a / (1 - π a)).
Proof.
  intros K z a push HK Ha π π'. set (T := Σ c ∈ K, (1 - δ c a) * exp (z c)).
  assert (HT : 0 < T).
  { destruct (Nat.eq_dec a 0) as [->|Hne].
    - eapply Rlt_le_trans; [|apply (sum_term_le K (fun c => (1 - δ c 0) * exp (z c)) 1); [lia|]].
      + cbv beta. rewrite δ_other by lia. pose proof (exp_pos (z 1%nat)). lra.
      + intros c _. pose proof (exp_pos (z c)). unfold δ. destruct (Nat.eqb c 0); lra.
    - eapply Rlt_le_trans; [|apply (sum_term_le K (fun c => (1 - δ c a) * exp (z c)) 0); [lia|]].
      + cbv beta. rewrite δ_other by lia. pose proof (exp_pos (z 0%nat)). lra.
      + intros c _. pose proof (exp_pos (z c)). unfold δ. destruct (Nat.eqb c a); lra. }
  assert (Hodds : forall y, (forall c, c <> a -> y c = z c) -> softmax K y a / (1 - softmax K y a) = exp (y a) / T).
  { intros y Hy. assert (HS : Σ c ∈ K, exp (y c) = exp (y a) + T).
    { unfold T. rewrite <- (sum_δ K a (fun c => exp (y c)) Ha), <- sum_plus. apply sum_ext. intros c _. unfold δ.
      destruct (Nat.eqb_spec c a) as [->|Hc]; [|rewrite (Hy c Hc)]; ring. }
    pose proof (exp_pos (y a)). unfold softmax. rewrite HS. field. lra. }
  unfold π', π. rewrite (Hodds z) by easy. rewrite (Hodds (put z a (z a + push))).
  - unfold put. rewrite Nat.eqb_refl, exp_plus. field. lra.
  - intros c Hc. unfold put. now apply Nat.eqb_neq in Hc as ->.
Qed.

(* refuted: the tangent *)
Theorem odds_multiply_wrong : ~ forall K z a push, (2 <= K)%nat -> a ∈ K -> let π := softmax K z in
  let π' := softmax K (put z a (z a + push)) in
  π' a = π a + π a * (1 - π a) * push.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) 0%nat 2 ltac:(lia) ltac:(lia)). cbv zeta in H.
  rewrite !softmax_even in H. cbn [INR] in H.
  pose proof (policy_sum 2 _ (softmax_policy 2 (put (fun _ => 0) 0 (0 + 2)) ltac:(lia))) as Hs. cbn [sum] in Hs.
  pose proof (softmax_pos 2 (put (fun _ => 0) 0 (0 + 2)) 1 ltac:(lia)). lra.
Qed.

(* k_c = −log u + c (u − 1); k' a is its derivative with respect to z_b. *)
(* eq-kl-unbiased dc774de5 for every K and every c *)
Theorem kl_unbiased : forall K z ρ c b k' D, policy K ρ -> b ∈ K -> let π := softmax K z in
  (forall a, a ∈ K -> ∂ (- ln (ρ a / softmax K z a) + c * (ρ a / softmax K z a - 1)) /∂ z[b] = k' a) ->
  ∂ (KL K ρ (softmax K z)) /∂ z[b] = D ->
  E a ∼ π ∈ K, k' a = c * D.
Proof.
  intros K z ρ c b k' D Hρ Hb π Hk HD. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  rewrite (D_unique _ _ _ _ HD (D_KL_other K z ρ b Hρ Hb)). fold π.
  rewrite (sum_2 K _ 1 (fun a => π a * (δ a b - π b)) (- c) (fun a => ρ a * (δ a b - π b))).
  - rewrite score_zero by easy. ring.
  - intros a Ha. pose proof (proj1 Hπ a Ha). rewrite (D_unique _ _ _ _ (Hk a Ha) (D_k K z ρ c a b Hρ Ha Hb)). fold π. field. lra.
Qed.

(* refuted: unbiased means right *)
Theorem kl_unbiased_wrong : ~ forall K z ρ c b k' D, policy K ρ -> b ∈ K -> let π := softmax K z in
  (forall a, a ∈ K -> ∂ (- ln (ρ a / softmax K z a) + c * (ρ a / softmax K z a - 1)) /∂ z[b] = k' a) ->
  ∂ (KL K (softmax K z) ρ) /∂ z[b] = D ->
  E a ∼ π ∈ K, k' a = D.
Proof.
  intros H. pose proof (D_KL 2 (fun _ => 0) third 0 third_policy ltac:(lia)) as HD.
  pose proof (H 2%nat (fun _ => 0) third 0 0%nat _ _ third_policy ltac:(lia)
    (fun a Ha => D_k 2 (fun _ => 0) third 0 a 0 third_policy Ha ltac:(lia)) HD) as Q.
  apply D_KL_even in HD. cbv zeta in Q, HD. rewrite <- Q in HD. differs HD.
Qed.

(* Draws from a policy "old" that is held fixed, weighted with w = π/old, which is differentiated too. *)
(* eq-kl-both aeed35e8 for every K and every c *)
Theorem kl_both : forall K z old ρ c b k' D, policy K old -> policy K ρ -> b ∈ K ->
  let k z a := - ln (ρ a / softmax K z a) + c * (ρ a / softmax K z a - 1) in
  (forall a, a ∈ K -> ∂ (softmax K z a / old a * k z a) /∂ z[b] = k' a) ->
  ∂ (KL K (softmax K z) ρ) /∂ z[b] = D ->
  E a ∼ old ∈ K, softmax K z a / old a * k z a = KL K (softmax K z) ρ /\
  E a ∼ old ∈ K, k' a = D.
Proof.
  intros K z old ρ c b k' D Ho Hρ Hb k Hk HD. set (π := softmax K z).
  assert (Hπ : policy K π) by (apply softmax_policy; lia). split.
  - unfold KL, k. fold π. rewrite (sum_3 K _ 1 (fun a => π a * ln (π a / ρ a)) c ρ (- c) π).
    + rewrite (policy_sum K ρ), (policy_sum K π) by easy. ring.
    + intros a Ha. pose proof (proj1 Ho a Ha). pose proof (proj1 Hρ a Ha). pose proof (proj1 Hπ a Ha).
      rewrite (log_flip (ρ a)) by easy. field. lra.
  - rewrite (D_unique _ _ _ _ HD (D_KL K z ρ b Hρ Hb)). fold π.
    rewrite (sum_3 K _ 1 (fun a => π a * (ln (π a / ρ a) * (δ a b - π b))) (1 - c) (fun a => π a * (δ a b - π b)) 0 (fun _ => 0)).
    + rewrite (score_zero K π b) by easy. ring.
    + intros a Ha. pose proof (proj1 Ho a Ha). pose proof (proj1 Hρ a Ha). pose proof (proj1 Hπ a Ha).
      assert (HDw : ∂ (softmax K z a / old a) /∂ z[b] = π a / old a * (δ a b - π b)).
      { eapply D_eq; [derive; lra|]. cbv beta. rewrite put_same. fold π. field. lra. }
      assert (Hd : ∂ (softmax K z a / old a * k z a) /∂ z[b] =
        π a / old a * (δ a b - π b) * k z a + π a / old a * (- - (δ a b - π b) + c * (- (ρ a / π a) * (δ a b - π b)))).
      { eapply D_eq; [apply (D_mult (fun x => softmax K (put z b x) a / old a) (fun x => k (put z b x) a)); [exact HDw|now apply D_k]|].
        cbv beta. rewrite put_same. fold π. ring. }
      rewrite (D_unique _ _ _ _ (Hk a Ha) Hd). unfold k. fold π. rewrite (log_flip (ρ a)) by easy. field. lra.
Qed.

(* refuted: w not differentiated *)
Theorem kl_both_wrong : ~ forall K z old ρ c b k' D, policy K old -> policy K ρ -> b ∈ K ->
  let k z a := - ln (ρ a / softmax K z a) + c * (ρ a / softmax K z a - 1) in
  (forall a, a ∈ K -> ∂ (k z a) /∂ z[b] = k' a) ->
  ∂ (KL K (softmax K z) ρ) /∂ z[b] = D ->
  E a ∼ old ∈ K, softmax K z a / old a * k' a = D.
Proof.
  intros H. pose proof (D_KL 2 (fun _ => 0) third 0 third_policy ltac:(lia)) as HD.
  pose proof (H 2%nat (fun _ => 0) third third 0 0%nat _ _ third_policy third_policy ltac:(lia)
    (fun a Ha => D_k 2 (fun _ => 0) third 0 a 0 third_policy Ha ltac:(lia)) HD) as Q.
  apply D_KL_even in HD. cbv zeta in Q, HD. rewrite <- Q in HD. differs HD.
Qed.

(* Action 1 is the better of two; the gradient of J has the entries below. *)
(* eq-gap-two 04195c7c for every policy of two actions *)
Theorem gap_two : forall π r, policy 2 π -> r 1%nat <= r 0%nat ->
  let J := E a ∼ π ∈ 2, r a in
  sqrt (norm2 2 (fun b => π b * (r b - J))) = sqrt 2 * π 0%nat * (r 0%nat - J).
Proof.
  intros π r Hπ Hr J. pose proof (policy_sum 2 π Hπ) as Hs. cbn [sum] in Hs.
  pose proof (proj1 Hπ 0%nat ltac:(lia)). pose proof (proj1 Hπ 1%nat ltac:(lia)).
  assert (HJ : 0 <= r 0%nat - J) by (unfold J; cbn [sum]; nra).
  replace (norm2 2 (fun b => π b * (r b - J))) with (2 * ((π 0%nat * (r 0%nat - J)) * (π 0%nat * (r 0%nat - J)))).
  - rewrite sqrt_mult_alt by lra. rewrite sqrt_square by nra. ring.
  - unfold norm2, J. cbn [sum]. replace (π 1%nat) with (1 - π 0%nat) by lra. ring.
Qed.

(* refuted: √2 forgotten *)
Theorem gap_two_wrong : ~ forall π r, policy 2 π -> r 1%nat <= r 0%nat ->
  let J := E a ∼ π ∈ 2, r a in
  sqrt (norm2 2 (fun b => π b * (r b - J))) = π 0%nat * (r 0%nat - J).
Proof.
  intros H. set (r := fun a => δ a 0). assert (Hr : r 1%nat <= r 0%nat) by (unfold r, δ; simpl; lra).
  pose proof (H third r third_policy Hr) as Q. pose proof (gap_two third r third_policy Hr) as Q'. cbv zeta in Q, Q'. rewrite Q in Q'.
  assert (Hs : sqrt 2 <> 1) by (intros Hs; pose proof (sqrt_sqrt 2 ltac:(lra)); rewrite Hs in *; lra).
  apply Hs. unfold r in Q'. cbn [sum] in Q'. unfold δ, third in Q'. cbn [Nat.eqb] in Q'. lra.
Qed.

(* k' a is the derivative of k2 − β k1 for action a with respect to z_b; k1 = −log u, k2 = ½ (log u)². *)
(* eq-kl-family 83707627 for every K and every β *)
Theorem kl_family : forall K z ρ β b k', policy K ρ -> b ∈ K -> let π := softmax K z in
  let log_u z a := ln (ρ a / softmax K z a) in
  (forall a, a ∈ K -> ∂ (1 / 2 * log_u z a ^ 2 - β * - log_u z a) /∂ z[b] = k' a) ->
  ∂ (KL K (softmax K z) ρ) /∂ z[b] = E a ∼ π ∈ K, k' a.
Proof.
  intros K z ρ β b k' Hρ Hb π log_u Hk. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  eapply D_eq; [now apply D_KL|]. fold π.
  rewrite (sum_2 K (fun a => π a * k' a) 1 (fun a => π a * (ln (π a / ρ a) * (δ a b - π b))) (- β) (fun a => π a * (δ a b - π b))).
  - rewrite (score_zero K π b Hπ Hb). ring.
  - intros a Ha. transitivity (π a * (ln (π a / ρ a) * (δ a b - π b) - β * (δ a b - π b))); [|ring]. f_equal.
    apply (D_unique _ _ _ _ (Hk a Ha)). pose proof (D_log_u K z ρ a b Hρ Ha Hb) as HD. eapply D_eq.
    + apply (D_minus (fun x => 1 / 2 * log_u (put z b x) a ^ 2) (fun x => β * - log_u (put z b x) a)).
      * apply (D_mult (fun _ => 1 / 2)); [apply D_const|apply D_square; exact HD].
      * apply (D_mult (fun _ => β)); [apply D_const|]. apply (D_opp (fun x => log_u (put z b x) a)); exact HD.
    + cbv beta. rewrite put_same. unfold log_u. fold π. rewrite (log_flip (π a)); [field|now apply Hπ|now apply Hρ].
Qed.

(* refuted: k1 alone *)
Theorem kl_family_wrong : ~ forall K z ρ b k', policy K ρ -> b ∈ K -> let π := softmax K z in
  (forall a, a ∈ K -> ∂ (- ln (ρ a / softmax K z a)) /∂ z[b] = k' a) ->
  ∂ (KL K (softmax K z) ρ) /∂ z[b] = E a ∼ π ∈ K, k' a.
Proof.
  intros H. specialize (H 2%nat (fun _ => 0) third 0%nat _ third_policy ltac:(lia)
    (fun a Ha => D_opp _ _ _ (D_log_u 2 (fun _ => 0) third a 0 third_policy Ha ltac:(lia)))).
  apply D_KL_even in H. differs H.
Qed.
