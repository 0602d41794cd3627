(* Derivatives in the book's notation, and softmax with its own. *)

Require Export Sums.

(* The vector z with x in the place of its entry b. *)
Definition put (z : nat -> R) (b : nat) (x : R) : nat -> R := fun c => if Nat.eqb c b then x else z c.

(* ∂ t /∂ z[b] = v : the partial derivative of t with respect to entry b of z exists, and is v. *)
Definition partial (f : (nat -> R) -> R) (z : nat -> R) (b : nat) (v : R) : Prop :=
  is_derive (fun x => f (put z b x)) (z b) v.
Notation "∂ t '/∂' z [ b ] = v" := (partial (fun z => t) z b v)
  (at level 70, t at level 36, z name, b at level 69, v at level 69).

(* The softmax policy: from K logits z to the probability of action a. *)
Definition softmax (K : nat) (z : nat -> R) (a : nat) : R := exp (z a) / (Σ b ∈ K, exp (z b)).

(* What follows is how derivatives are calculated with. *)

Lemma put_same z b : put z b (z b) = z.
Proof.
  apply FunctionalExtensionality.functional_extensionality. intros c. unfold put.
  destruct (Nat.eqb_spec c b); congruence.
Qed.

Lemma D_eq (f : R -> R) (x l l' : R) : is_derive f x l -> l = l' -> is_derive f x l'.
Proof. now intros H <-. Qed.

Lemma D_unique (f : R -> R) (x l l' : R) : is_derive f x l -> is_derive f x l' -> l = l'.
Proof. intros H H'. apply is_derive_unique in H, H'. congruence. Qed.

Lemma D_const c x : is_derive (fun _ : R => c) x 0.
Proof. apply @is_derive_const. Qed.

Lemma D_id x : is_derive (fun t : R => t) x 1.
Proof. apply @is_derive_id. Qed.

Lemma D_plus (f g : R -> R) (x l m : R) : is_derive f x l -> is_derive g x m -> is_derive (fun t => f t + g t) x (l + m).
Proof. apply @is_derive_plus. Qed.

Lemma D_minus (f g : R -> R) (x l m : R) : is_derive f x l -> is_derive g x m -> is_derive (fun t => f t - g t) x (l - m).
Proof. apply @is_derive_minus. Qed.

Lemma D_opp (f : R -> R) (x l : R) : is_derive f x l -> is_derive (fun t => - f t) x (- l).
Proof. apply @is_derive_opp. Qed.

Lemma D_mult (f g : R -> R) (x l m : R) :
  is_derive f x l -> is_derive g x m -> is_derive (fun t => f t * g t) x (l * g x + f x * m).
Proof. intros. apply @is_derive_mult; [easy|easy|]. intros. apply Rmult_comm. Qed.

Lemma D_div (f g : R -> R) (x l m : R) : is_derive f x l -> is_derive g x m -> g x <> 0 ->
  is_derive (fun t => f t / g t) x ((l * g x - f x * m) / g x ^ 2).
Proof. apply is_derive_div. Qed.

Lemma D_chain (h f : R -> R) (x k l : R) : is_derive h (f x) k -> is_derive f x l -> is_derive (fun t => h (f t)) x (k * l).
Proof. intros Hh Hf. eapply D_eq; [exact (is_derive_comp h f x k l Hh Hf)|]. apply Rmult_comm. Qed.

Lemma D_exp (f : R -> R) (x l : R) : is_derive f x l -> is_derive (fun t => exp (f t)) x (exp (f x) * l).
Proof. apply D_chain, is_derive_exp. Qed.

Lemma D_ln (f : R -> R) (x l : R) : 0 < f x -> is_derive f x l -> is_derive (fun t => ln (f t)) x (/ f x * l).
Proof. intros H. now apply (D_chain ln), is_derive_ln. Qed.

Lemma D_square (f : R -> R) (x l : R) : is_derive f x l -> is_derive (fun t => f t ^ 2) x (2 * f x * l).
Proof.
  intros H. apply is_derive_ext with (fun t => f t * f t); [intros; simpl; ring|].
  eapply D_eq; [now apply D_mult; apply H|ring].
Qed.

Lemma D_sum K (f : nat -> R -> R) (l : nat -> R) (x : R) :
  (forall a, a ∈ K -> is_derive (f a) x (l a)) -> is_derive (fun t => Σ a ∈ K, f a t) x (Σ a ∈ K, l a).
Proof.
  induction K as [|K IH]; intros H; simpl; [apply D_const|].
  apply (D_plus (fun t => Σ a ∈ K, f a t)); auto.
Qed.

Lemma exp_ge_line x : 1 + x <= exp x.
Proof. destruct (Req_dec x 0) as [->|H]; [rewrite exp_0; lra|left; now apply exp_ineq1]. Qed.

Lemma D_put z b c : is_derive (fun x => put z b x c) (z b) (δ c b).
Proof. unfold put, δ. destruct (Nat.eqb c b); [apply D_id|apply D_const]. Qed.

Lemma sum_exp_pos K z a : a ∈ K -> 0 < Σ b ∈ K, exp (z b).
Proof. intros H. apply sum_pos; [lia|]. intros. apply exp_pos. Qed.

Lemma D_sum_exp K z b : b ∈ K -> is_derive (fun x => Σ c ∈ K, exp (put z b x c)) (z b) (exp (z b)).
Proof.
  intros Hb. eapply D_eq.
  - apply (D_sum K (fun c x => exp (put z b x c))). intros c _. apply D_exp, D_put.
  - cbv beta; rewrite put_same, <- (sum_δ K b (fun c => exp (z c)) Hb). apply sum_ext. intros. ring.
Qed.

Lemma softmax_pos K z a : (0 < K)%nat -> 0 < softmax K z a.
Proof. intros H. apply Rdiv_lt_0_compat; [apply exp_pos|now apply (sum_exp_pos K z 0)]. Qed.

Lemma softmax_policy K z : (0 < K)%nat -> policy K (softmax K z).
Proof.
  intros HK. split; [intros; now apply softmax_pos|]. pose proof (sum_exp_pos K z 0 HK). unfold softmax.
  rewrite (sum_1 K _ (/ (Σ b ∈ K, exp (z b))) (fun a => exp (z a))); [field; lra|]. intros. field. lra.
Qed.

Lemma D_softmax K z a b : b ∈ K ->
  is_derive (fun x => softmax K (put z b x) a) (z b) (softmax K z a * (δ a b - softmax K z b)).
Proof.
  intros Hb. pose proof (sum_exp_pos K z b Hb). unfold softmax. eapply D_eq.
  - apply (D_div (fun x => exp (put z b x a)) (fun x => Σ c ∈ K, exp (put z b x c))).
    + apply D_exp, D_put.
    + now apply D_sum_exp.
    + cbv beta; rewrite put_same. lra.
  - cbv beta; rewrite put_same. field. lra.
Qed.

Lemma D_log_softmax K z a b : b ∈ K ->
  is_derive (fun x => ln (softmax K (put z b x) a)) (z b) (δ a b - softmax K z b).
Proof.
  intros Hb. assert (H : 0 < softmax K z a) by (apply softmax_pos; lia). eapply D_eq.
  - apply (D_ln (fun x => softmax K (put z b x) a)); [cbv beta; rewrite put_same; apply H|now apply D_softmax].
  - cbv beta; rewrite put_same. field. lra.
Qed.

(* Goes through a formula by the rules above; what it cannot do is left over. *)
Ltac derive :=
  unfold partial; cbv beta;
  lazymatch goal with
  | |- is_derive (fun t => softmax _ (put _ _ t) _) _ _ => apply D_softmax; assumption
  | |- is_derive (fun t => ln (softmax _ (put _ _ t) _)) _ _ => apply D_log_softmax; assumption
  | |- is_derive (fun t => put _ _ t _) _ _ => apply D_put
  | |- is_derive (fun t => @?f t + @?g t) _ _ => apply (D_plus f g); derive
  | |- is_derive (fun t => @?f t - @?g t) _ _ => apply (D_minus f g); derive
  | |- is_derive (fun t => - @?f t) _ _ => apply (D_opp f); derive
  | |- is_derive (fun t => @?f t * @?g t) _ _ => apply (D_mult f g); derive
  | |- is_derive (fun t => @?f t / @?g t) _ _ => apply (D_div f g); [derive|derive|]
  | |- is_derive (fun t => exp (@?f t)) _ _ => apply (D_exp f); derive
  | |- is_derive (fun t => ln (@?f t)) _ _ => apply (D_ln f); [|derive]
  | |- is_derive (fun t => (@?f t) ^ 2) _ _ => apply (D_square f); derive
  | |- is_derive (fun t => sum ?K (@?f t)) _ _ =>
      let a := fresh "a" in let Ha := fresh "Ha" in
      apply (D_sum K (fun a t => f t a)); intros a Ha; derive
  | |- is_derive (fun t => t) _ _ => apply D_id
  | |- is_derive (fun _ => ?c) _ _ => apply D_const
  | |- _ => try eassumption
  end.

(* What has the derivative 0 everywhere is constant. *)
Lemma at_rest (f : R -> R) t : (forall t, is_derive f t 0) -> f t = f 0.
Proof.
  intros H. destruct (Rtotal_order t 0) as [Ht|[->|Ht]]; [|easy|symmetry];
  (apply eq_is_derive; [|easy]); intros u _; apply H.
Qed.

Lemma D_sinh x : is_derive sinh x (cosh x).
Proof. unfold sinh, cosh. eapply D_eq; [derive; lra|]. field. Qed.

(* Any policy is a softmax: its logits are the logarithms. *)
Lemma softmax_of K π a : policy K π -> a ∈ K -> softmax K (fun c => ln (π c)) a = π a.
Proof.
  intros H Ha. unfold softmax. rewrite exp_ln by now apply H.
  rewrite (sum_ext K _ π), (policy_sum K π H); [field|]. intros. apply exp_ln. now apply H.
Qed.

Lemma softmax_even K a : softmax K (fun _ => 0) a = / INR K.
Proof. unfold softmax. rewrite sum_const, exp_0. unfold Rdiv. now rewrite Rmult_1_r, Rmult_1_l. Qed.

(* The Jacobian of softmax, the score, and the expected return, by the derivatives that they are. *)
Definition jacobian (K : nat) (z : nat -> R) (M : nat -> nat -> R) : Prop :=
  forall a b, a ∈ K -> b ∈ K -> ∂ (softmax K z a) /∂ z[b] = M a b.
Definition scores (K : nat) (z : nat -> R) (s : nat -> nat -> R) : Prop :=
  forall a b, a ∈ K -> b ∈ K -> ∂ (ln (softmax K z a)) /∂ z[b] = s a b.
Definition expected_return (K : nat) (r z : nat -> R) : R := E a ∼ (softmax K z) ∈ K, r a.

Lemma jacobian_is K z M a b : jacobian K z M -> a ∈ K -> b ∈ K ->
  M a b = softmax K z a * (δ a b - softmax K z b).
Proof. intros H Ha Hb. exact (D_unique _ _ _ _ (H a b Ha Hb) (D_softmax K z a b Hb)). Qed.

Lemma jacobian_has K z : jacobian K z (fun a b => softmax K z a * (δ a b - softmax K z b)).
Proof. intros a b _ Hb. now apply D_softmax. Qed.

Lemma scores_is K z s a b : scores K z s -> a ∈ K -> b ∈ K -> s a b = δ a b - softmax K z b.
Proof. intros H Ha Hb. exact (D_unique _ _ _ _ (H a b Ha Hb) (D_log_softmax K z a b Hb)). Qed.

Lemma scores_has K z : scores K z (fun a b => δ a b - softmax K z b).
Proof. intros a b _ Hb. now apply D_log_softmax. Qed.

Lemma mean_score K π r b : b ∈ K ->
  E a ∼ π ∈ K, r a * (δ a b - π b) = π b * (r b - (E a ∼ π ∈ K, r a)).
Proof.
  intros Hb. rewrite (sum_2 K _ 1 (fun a => δ a b * (π a * r a)) (- π b) (fun a => π a * r a)), sum_δ by
    (easy || intros; ring). ring.
Qed.

Lemma D_expected_return K r z b : b ∈ K -> let π := softmax K z in
  ∂ (expected_return K r z) /∂ z[b] = π b * (r b - (E a ∼ π ∈ K, r a)).
Proof.
  intros Hb π. unfold expected_return. eapply D_eq.
  - derive.
  - cbv beta. rewrite put_same, <- mean_score by easy. apply sum_ext. intros. fold π. ring.
Qed.

(* A family of distributions over n values, with parameters θ: the derivative D x of each probability with respect
   to parameter i, and the score s x, which is that of its logarithm. *)
Definition family (n : nat) (p : (nat -> R) -> nat -> R) (θ : nat -> R) (i : nat) (D s : nat -> R) : Prop :=
  (forall θ, Σ x ∈ n, p θ x = 1) /\
  forall x, x ∈ n -> 0 < p θ x /\ (∂ (p θ x) /∂ θ[i] = D x) /\ (∂ (ln (p θ x)) /∂ θ[i] = s x).

Lemma D_log (f : R -> R) (x l : R) : 0 < f x -> is_derive f x l -> is_derive (fun t => ln (f t)) x (l / f x).
Proof. intros Hf H. eapply D_eq; [exact (D_ln f x l Hf H)|]. unfold Rdiv. ring. Qed.

Lemma family_score n p θ i D s x : family n p θ i D s -> x ∈ n -> p θ x * s x = D x.
Proof.
  intros [_ H] Hx. destruct (H x Hx) as (Hp & HD & Hs).
  assert (s x = D x / p θ x) as ->; [|field; lra]. apply (D_unique _ _ _ _ Hs).
  eapply D_eq; [apply D_log; [cbv beta; rewrite put_same; easy|exact HD]|]. cbv beta. now rewrite put_same.
Qed.

Lemma family_zero n p θ i D s : family n p θ i D s -> Σ x ∈ n, D x = 0.
Proof.
  intros [H1 H]. apply (D_unique (fun t => Σ x ∈ n, p (put θ i t) x) (θ i)).
  - apply (D_sum n (fun x t => p (put θ i t) x)). intros x Hx. now apply H.
  - apply is_derive_ext with (fun _ => 1); [intros; symmetry; apply H1|apply D_const].
Qed.

Lemma D_mean n p θ i D s f : family n p θ i D s ->
  ∂ (E x ∼ (p θ) ∈ n, f x) /∂ θ[i] = E x ∼ (p θ) ∈ n, f x * s x.
Proof.
  intros H. eapply D_eq.
  - apply (D_sum n (fun x t => p (put θ i t) x * f x)). intros x Hx.
    apply (D_mult (fun t => p (put θ i t) x) (fun _ => f x)); [exact (proj1 (proj2 (proj2 H x Hx)))|apply D_const].
  - apply sum_ext. intros x Hx. rewrite <- (family_score n p θ i D s x H Hx). ring.
Qed.

Lemma mean_of_score n p θ i D s : family n p θ i D s -> E x ∼ (p θ) ∈ n, s x = 0.
Proof.
  intros H. rewrite <- (family_zero n p θ i D s H). apply sum_ext. intros x Hx. now apply (family_score n p θ i D s).
Qed.

Lemma family_softmax K z b : b ∈ K -> family K (softmax K) z b
  (fun a => softmax K z a * (δ a b - softmax K z b)) (fun a => δ a b - softmax K z b).
Proof.
  intros Hb. split; [intros; apply (policy_sum K (softmax K θ)), softmax_policy; lia|].
  intros a Ha. split; [apply softmax_pos; lia|split; [now apply D_softmax|now apply D_log_softmax]].
Qed.

(* Logits that move: z t a at time t, each with the velocity v a. *)
Lemma D_softmax_path K (z : R -> nat -> R) t v a : a ∈ K ->
  (forall c, c ∈ K -> is_derive (fun t => z t c) t (v c)) -> let π := softmax K (z t) in
  is_derive (fun t => softmax K (z t) a) t (π a * (v a - (E c ∼ π ∈ K, v c))).
Proof.
  intros Ha Hv π. pose proof (sum_exp_pos K (z t) a Ha) as HS. unfold softmax. eapply D_eq.
  - apply (D_div (fun t => exp (z t a)) (fun t => Σ c ∈ K, exp (z t c))); [now apply (D_exp (fun t => z t a)), Hv| |lra].
    apply (D_sum K (fun c t => exp (z t c))). intros c Hc. now apply (D_exp (fun t => z t c)), Hv.
  - cbv beta. unfold π, softmax.
    rewrite (sum_1 K (fun c => exp (z t c) / _ * v c) (/ (Σ c ∈ K, exp (z t c))) (fun c => exp (z t c) * v c))
      by (intros; field; lra). field. lra.
Qed.

(* The Kullback–Leibler divergence of ρ from π. *)
Definition KL (K : nat) (π ρ : nat -> R) : R := E a ∼ π ∈ K, ln (π a / ρ a).

Lemma D_u K z ρ a b : a ∈ K -> b ∈ K -> let π := softmax K z in
  ∂ (ρ a / softmax K z a) /∂ z[b] = - (ρ a / π a) * (δ a b - π b).
Proof.
  intros Ha Hb π. assert (0 < π a) by (apply softmax_pos; lia). eapply D_eq; [derive; cbv beta; rewrite put_same; fold π; lra|].
  cbv beta. rewrite put_same. fold π. field. lra.
Qed.

Lemma D_log_u K z ρ a b : policy K ρ -> a ∈ K -> b ∈ K ->
  ∂ (ln (ρ a / softmax K z a)) /∂ z[b] = - (δ a b - softmax K z b).
Proof.
  intros Hρ Ha Hb. assert (0 < softmax K z a) by (apply softmax_pos; lia). pose proof (proj1 Hρ a Ha). eapply D_eq.
  - apply D_log; [cbv beta; rewrite put_same; now apply Rdiv_lt_0_compat|now apply D_u].
  - cbv beta. rewrite put_same. field. lra.
Qed.

(* k_c = −log u + c (u − 1) with u = ρ/π. *)
Lemma D_k K z ρ c a b : policy K ρ -> a ∈ K -> b ∈ K -> let π := softmax K z in
  ∂ (- ln (ρ a / softmax K z a) + c * (ρ a / softmax K z a - 1)) /∂ z[b] =
    - - (δ a b - π b) + c * (- (ρ a / π a) * (δ a b - π b)).
Proof.
  intros Hρ Ha Hb π. eapply D_eq.
  - apply (D_plus (fun x => - ln (ρ a / softmax K (put z b x) a)) (fun x => c * (ρ a / softmax K (put z b x) a - 1))).
    + apply (D_opp (fun x => ln (ρ a / softmax K (put z b x) a))). now apply D_log_u.
    + apply (D_mult (fun _ => c) (fun x => ρ a / softmax K (put z b x) a - 1)); [apply D_const|].
      apply (D_minus (fun x => ρ a / softmax K (put z b x) a) (fun _ => 1)); [now apply D_u|apply D_const].
  - fold π. ring.
Qed.

Lemma score_zero K π b : policy K π -> b ∈ K -> E a ∼ π ∈ K, (δ a b - π b) = 0.
Proof.
  intros Hπ Hb. rewrite (sum_2 K _ 1 (fun a => δ a b * π a) (- π b) π), sum_δ, policy_sum by (easy || intros; ring). ring.
Qed.

Lemma log_flip x y : 0 < x -> 0 < y -> ln (x / y) = - ln (y / x).
Proof. intros. rewrite !ln_div by easy. ring. Qed.

Lemma D_KL K z ρ b : policy K ρ -> b ∈ K -> let π := softmax K z in
  ∂ (KL K (softmax K z) ρ) /∂ z[b] = E a ∼ π ∈ K, ln (π a / ρ a) * (δ a b - π b).
Proof.
  intros Hρ Hb π. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  unfold KL. eapply D_eq.
  - apply (D_sum K (fun a x => softmax K (put z b x) a * ln (softmax K (put z b x) a / ρ a))). intros a Ha.
    apply (D_mult (fun x => softmax K (put z b x) a) (fun x => ln (softmax K (put z b x) a / ρ a))); [now apply D_softmax|].
    apply is_derive_ext with (fun x => - ln (ρ a / softmax K (put z b x) a)).
    + intros. symmetry. apply log_flip; [apply softmax_pos; lia|now apply Hρ].
    + apply (D_opp (fun x => ln (ρ a / softmax K (put z b x) a))). now apply D_log_u.
  - cbv beta. rewrite put_same. fold π.
    rewrite (sum_2 K _ 1 (fun a => π a * (ln (π a / ρ a) * (δ a b - π b))) 1 (fun a => π a * (δ a b - π b)))
      by (intros; ring). rewrite (score_zero K π b Hπ Hb). ring.
Qed.

Lemma D_KL_other K z ρ b : policy K ρ -> b ∈ K -> let π := softmax K z in
  ∂ (KL K ρ (softmax K z)) /∂ z[b] = - (E a ∼ ρ ∈ K, (δ a b - π b)).
Proof.
  intros Hρ Hb π. unfold KL. eapply D_eq; [|rewrite <- (Rmult_1_l (sum _ _)), Ropp_mult_distr_l; reflexivity].
  eapply D_eq.
  - apply (D_sum K (fun a x => ρ a * ln (ρ a / softmax K (put z b x) a))). intros a Ha.
    apply (D_mult (fun _ => ρ a) (fun x => ln (ρ a / softmax K (put z b x) a))); [apply D_const|now apply D_log_u].
  - rewrite <- sum_scale. apply sum_ext. intros a _. fold π. ring.
Qed.

(* For what is refuted at a point: two actions with 1/3 and 2/3, and the six of the book's example. *)
Definition third (a : nat) : R := match a with O => 1 / 3 | _ => 2 / 3 end.
Definition log_third (a : nat) : R := ln (third a).
Definition example (a : nat) : R := match a with O => 1 / 2 | _ => 1 / 10 end.

Lemma third_policy : policy 2 third.
Proof. unfold third. is_policy. Qed.

Lemma third_softmax a : a ∈ 2 -> softmax 2 log_third a = third a.
Proof. apply softmax_of, third_policy. Qed.

Lemma example_policy : policy 6 example.
Proof. unfold example. is_policy. Qed.

(* Brings what is claimed at such a point down to numbers, and finds that they differ. *)
Ltac differs H :=
  cbv zeta beta in H; unfold Var, Cov, norm2, expected_return in H; cbn [sum] in H; cbv beta in H;
  rewrite ?third_softmax, ?softmax_even in H by lia; unfold δ in H; cbn [Nat.eqb third example INR] in H; lra.
Ltac derivatives_differ H H' := let Q := fresh in pose proof (D_unique _ _ _ _ H H') as Q; differs Q.

(* At equal logits the divergence from (1/3, 2/3) is not at rest. *)
Lemma D_KL_even D : partial (fun z => KL 2 (softmax 2 z) third) (fun _ => 0) 0 D -> 0 < D.
Proof.
  intros H. rewrite (D_unique _ _ _ _ H (D_KL 2 (fun _ => 0) third 0 third_policy ltac:(lia))). cbn [sum].
  rewrite !softmax_even. unfold δ, third. cbn [Nat.eqb INR].
  pose proof (ln_increasing (/ (1 + 1) / (2 / 3)) (/ (1 + 1) / (1 / 3)) ltac:(lra) ltac:(lra)). lra.
Qed.
