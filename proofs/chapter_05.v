(* Chapter 5, "What do all scores have in common?", for finitely many values of x. *)

Require Import Groups chapter_02.

(* An exponential family with P parameters: weights m > 0 and features φ; p θ x is its probability of x. *)
Definition exponential (n P : nat) (m : nat -> R) (φ : nat -> nat -> R) (θ : nat -> R) (x : nat) : R :=
  m x * exp (Σ j ∈ P, θ j * φ j x) / (Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y)).

Lemma exponential_sum_pos n P m φ θ x : x ∈ n -> (forall y, y ∈ n -> 0 < m y) ->
  0 < Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y).
Proof. intros Hx Hm. apply sum_pos; [lia|]. intros y Hy. apply Rmult_lt_0_compat; [auto|apply exp_pos]. Qed.

Lemma D_weight P (m : nat -> R) φ θ i x : i ∈ P ->
  ∂ (m x * exp (Σ j ∈ P, θ j * φ j x)) /∂ θ[i] = m x * exp (Σ j ∈ P, θ j * φ j x) * φ i x.
Proof.
  intros Hi. eapply D_eq.
  - apply (D_mult (fun _ => m x) (fun t => exp (Σ j ∈ P, put θ i t j * φ j x))); [apply D_const|].
    apply (D_exp (fun t => Σ j ∈ P, put θ i t j * φ j x)). apply (D_sum P (fun j t => put θ i t j * φ j x)). intros j _.
    apply (D_mult (fun t => put θ i t j) (fun _ => φ j x)); [apply D_put|apply D_const].
  - cbv beta. rewrite put_same. rewrite (sum_ext P (fun j => δ j i * φ j x + θ j * 0) (fun j => δ j i * φ j x)) by (intros; ring).
    rewrite (sum_δ P i (fun j => φ j x) Hi). ring.
Qed.

(* Entry i of the score. *)
(* eq-exponential-score c54cd010 for every finite family *)
Theorem exponential_score : forall n P m φ θ i x, (forall y, y ∈ n -> 0 < m y) -> x ∈ n -> i ∈ P ->
  let p := exponential n P m φ in
  ∂ (ln (exponential n P m φ θ x)) /∂ θ[i] = φ i x - (E y ∼ (p θ) ∈ n, φ i y).
Proof.
  intros n P m φ θ i x Hm Hx Hi p. pose proof (exponential_sum_pos n P m φ θ x Hx Hm) as HZ.
  pose proof (Hm x Hx). pose proof (exp_pos (Σ j ∈ P, θ j * φ j x)).
  assert (Hw : 0 < m x * exp (Σ j ∈ P, θ j * φ j x)) by now apply Rmult_lt_0_compat.
  set (Z := Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y)) in *.
  assert (HD : ∂ (exponential n P m φ θ x) /∂ θ[i] =
    (m x * exp (Σ j ∈ P, θ j * φ j x) * φ i x * Z -
     m x * exp (Σ j ∈ P, θ j * φ j x) * (Σ y ∈ n, m y * exp (Σ j ∈ P, θ j * φ j y) * φ i y)) / Z ^ 2).
  { unfold exponential. eapply D_eq.
    - apply (D_div (fun t => m x * exp (Σ j ∈ P, put θ i t j * φ j x)) (fun t => Σ y ∈ n, m y * exp (Σ j ∈ P, put θ i t j * φ j y))).
      + exact (D_weight P m φ θ i x Hi).
      + apply (D_sum n (fun y t => m y * exp (Σ j ∈ P, put θ i t j * φ j y))). intros y _. exact (D_weight P m φ θ i y Hi).
      + cbv beta. rewrite put_same. fold Z. lra.
    - cbv beta. rewrite put_same. fold Z. reflexivity. }
  eapply D_eq; [apply D_log; [cbv beta; rewrite put_same; unfold exponential; fold Z; now apply Rdiv_lt_0_compat|exact HD]|].
  cbv beta. rewrite put_same. unfold p, exponential. fold Z.
  rewrite (sum_1 n (fun y => m y * exp (Σ j ∈ P, θ j * φ j y) / Z * φ i y) (/ Z)
    (fun y => m y * exp (Σ j ∈ P, θ j * φ j y) * φ i y)) by (intros; field; lra). field. lra.
Qed.

(* refuted: mean forgotten *)
Theorem exponential_score_wrong : ~ forall n P m φ θ i x, (forall y, y ∈ n -> 0 < m y) -> x ∈ n -> i ∈ P ->
  ∂ (ln (exponential n P m φ θ x)) /∂ θ[i] = φ i x.
Proof.
  intros H. specialize (H 1%nat 1%nat (fun _ => 1) (fun _ _ => 1) (fun _ => 0) 0%nat 0%nat ltac:(intros; lra) ltac:(lia) ltac:(lia)).
  pose proof (exponential_score 1 1 (fun _ => 1) (fun _ _ => 1) (fun _ => 0) 0 0 ltac:(intros; lra) ltac:(lia) ltac:(lia)) as H'.
  pose proof (D_unique _ _ _ _ H H') as Q. unfold exponential in Q. cbn [sum] in Q.
  pose proof (exp_pos (0 + 0 * 1)). field_simplify in Q; lra.
Qed.

Lemma exponential_family n P m φ θ i : (1 <= n)%nat -> (forall y, y ∈ n -> 0 < m y) -> i ∈ P ->
  let p := exponential n P m φ in let s x := φ i x - (E y ∼ (p θ) ∈ n, φ i y) in family n p θ i (fun x => p θ x * s x) s.
Proof.
  intros Hn Hm Hi p s.
  assert (Hpos : forall θ x, x ∈ n -> 0 < p θ x).
  { intros θ' x Hx. apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; [auto|apply exp_pos]|].
    now apply (exponential_sum_pos n P m φ θ' x). }
  assert (Hs : forall x, x ∈ n -> ∂ (ln (p θ x)) /∂ θ[i] = s x) by (intros x Hx; now apply exponential_score). split.
  - intros θ'. pose proof (exponential_sum_pos n P m φ θ' 0 ltac:(lia) Hm). unfold p, exponential.
    rewrite (sum_1 n _ (/ (Σ y ∈ n, m y * exp (Σ j ∈ P, θ' j * φ j y))) (fun y => m y * exp (Σ j ∈ P, θ' j * φ j y)))
      by (intros; field; lra). field. lra.
  - intros x Hx. split; [now apply Hpos|split; [|now apply Hs]].
    apply is_derive_ext with (fun t => exp (ln (p (put θ i t) x))); [intros; now apply exp_ln, Hpos|].
    eapply D_eq; [apply (D_exp (fun t => ln (p (put θ i t) x))); exact (Hs x Hx)|]. cbv beta. now rewrite put_same, exp_ln by auto.
Qed.

(* Λ is the logarithm of what the probabilities are divided by, Λ' θ k its derivative at θ with respect to θ_k; s is the score. Entry i, j. *)
(* eq-exponential-fisher 3653649e for every finite family *)
Theorem exponential_fisher : forall n P m φ θ s Λ' i j, (1 <= n)%nat -> (forall y, y ∈ n -> 0 < m y) -> i ∈ P -> j ∈ P ->
  let p := exponential n P m φ in
  (forall k x, k ∈ P -> x ∈ n -> ∂ (ln (exponential n P m φ θ x)) /∂ θ[k] = s k x) ->
  (forall θ k, k ∈ P -> ∂ (ln (Σ y ∈ n, m y * exp (Σ l ∈ P, θ l * φ l y))) /∂ θ[k] = Λ' θ k) ->
  E x ∼ (p θ) ∈ n, s i x * s j x = Cov n (p θ) (φ i) (φ j) /\
  (∂ (Λ' θ i) /∂ θ[j] = Cov n (p θ) (φ i) (φ j)).
Proof.
  intros n P m φ θ s Λ' i j Hn Hm Hi Hj p Hs HΛ. set (μ := fun θ k => E y ∼ (p θ) ∈ n, φ k y).
  assert (Hsk : forall k x, k ∈ P -> x ∈ n -> s k x = φ k x - μ θ k).
  { intros k x Hk Hx. exact (D_unique _ _ _ _ (Hs k x Hk Hx) (exponential_score n P m φ θ k x Hm Hx Hk)). }
  assert (HΛi : forall θ, Λ' θ i = μ θ i).
  { intros θ'. apply (D_unique _ _ _ _ (HΛ θ' i Hi)). pose proof (exponential_sum_pos n P m φ θ' 0 ltac:(lia) Hm) as HZ. eapply D_eq.
    - apply (D_ln (fun t => Σ y ∈ n, m y * exp (Σ l ∈ P, put θ' i t l * φ l y))); [now rewrite put_same|].
      apply (D_sum n (fun y t => m y * exp (Σ l ∈ P, put θ' i t l * φ l y))). intros y _. exact (D_weight P m φ θ' i y Hi).
    - cbv beta. rewrite put_same, <- sum_scale. unfold μ, p, exponential. apply sum_ext. intros. field. lra. }
  split.
  - unfold Cov. fold (μ θ i) (μ θ j). apply sum_ext. intros x Hx. now rewrite !Hsk by easy.
  - apply is_derive_ext with (fun t => E y ∼ (p (put θ j t)) ∈ n, φ i y); [intros; symmetry; apply HΛi|].
    pose proof (exponential_family n P m φ θ j Hn Hm Hj) as Hf. cbv zeta in Hf. fold p in Hf.
    eapply D_eq; [exact (gradient_covariance n p θ j _ _ (φ i) Hf)|]. unfold Cov. apply sum_ext. intros x Hx.
    rewrite (mean_of_score _ _ _ _ _ _ Hf). ring.
Qed.

(* refuted: E[φ φᵀ] *)
Theorem exponential_fisher_wrong : ~ forall n P m φ θ s i j, (1 <= n)%nat -> (forall y, y ∈ n -> 0 < m y) -> i ∈ P -> j ∈ P ->
  let p := exponential n P m φ in
  (forall k x, k ∈ P -> x ∈ n -> ∂ (ln (exponential n P m φ θ x)) /∂ θ[k] = s k x) ->
  E x ∼ (p θ) ∈ n, s i x * s j x = E x ∼ (p θ) ∈ n, φ i x * φ j x.
Proof.
  intros H. specialize (H 1%nat 1%nat (fun _ => 1) (fun _ _ => 1) (fun _ => 0) _ 0%nat 0%nat ltac:(lia) ltac:(intros; lra) ltac:(lia) ltac:(lia)
    (fun k x Hk Hx => exponential_score 1 1 (fun _ => 1) _ _ k x ltac:(intros; lra) Hx Hk)).
  unfold exponential in H. cbn [sum] in H. cbv beta in H. pose proof (exp_pos (0 + 0 * 1)). set (e := exp (0 + 0 * 1)) in *.
  replace (1 * e / (0 + 1 * e)) with 1 in H by (field; lra). lra.
Qed.

(* v x is the number that the outcome x stands for; Q, T and S are as in the proposition, with T for its D, near μ. *)
(* eq-score-mean-parameter 0446978a for every finite family of this form *)
Theorem score_mean_parameter : forall n p θ i D s v Q T S q t ε, family n p θ i D s -> 0 < ε ->
  (forall y x, Rabs (y - θ i) < ε -> x ∈ n -> p (put θ i y) x = exp (Q y * v x + T y + S x)) -> is_derive Q (θ i) q -> is_derive T (θ i) t ->
  (forall θ, E x ∼ (p θ) ∈ n, v x = θ i) ->
  let μ := θ i in let variance := Var n (p θ) v in
  0 < variance ->
  (forall x, x ∈ n -> s x = (v x - μ) / variance) /\ Var n (p θ) s = 1 / variance.
Proof.
  intros n p θ i D s v Q T S q t ε Hf Hε Hp HQ HT Hmean μ variance HV.
  assert (Hs : forall x, x ∈ n -> s x = q * v x + t).
  { intros x Hx. destruct (proj2 Hf x Hx) as (_ & _ & HD). apply (D_unique _ _ _ _ HD).
    apply is_derive_ext_loc with (fun y => Q y * v x + T y + S x).
    { exists (mkposreal ε Hε). intros y Hy. now rewrite Hp, ln_exp by easy. }
    eapply D_eq.
    - apply (D_plus (fun y => Q y * v x + T y) (fun _ => S x)); [|apply D_const].
      apply (D_plus (fun y => Q y * v x) T); [|exact HT]. apply (D_mult Q (fun _ => v x)); [exact HQ|apply D_const].
    - ring. }
  pose proof (mean_of_score n p θ i D s Hf) as H0. pose proof (proj1 Hf θ) as H1.
  assert (Ht : q * μ + t = 0).
  { rewrite <- H0. symmetry. unfold μ. rewrite <- Hmean, <- (Rmult_1_r t), <- H1. apply sum_2. intros x Hx. rewrite (Hs x Hx). ring. }
  assert (Hq : q * variance = 1).
  { assert (HD1 : ∂ (E x ∼ (p θ) ∈ n, v x) /∂ θ[i] = 1).
    { apply is_derive_ext with (fun y => y); [|apply D_id]. intros y. rewrite Hmean. unfold put. now rewrite Nat.eqb_refl. }
    rewrite <- (D_unique _ _ _ _ (D_mean n p θ i D s v Hf) HD1). unfold variance, Var. rewrite Hmean. fold μ.
    rewrite (sum_ext n (fun x => p θ x * (v x * s x)) (fun x => q * (p θ x * (v x - μ) ^ 2) + μ * (p θ x * s x))).
    - rewrite sum_plus, !sum_scale, H0. ring.
    - intros x Hx. rewrite (Hs x Hx). replace t with (- (q * μ)) by lra. ring. }
  assert (Hscore : forall x, x ∈ n -> s x = (v x - μ) / variance).
  { intros x Hx. rewrite (Hs x Hx). replace t with (- (q * μ)) by lra. apply (Rmult_eq_reg_r variance); [|lra].
    transitivity (q * variance * (v x - μ)); [ring|rewrite Hq; field; lra]. }
  split; [exact Hscore|]. unfold Var. rewrite H0.
  rewrite (sum_1 n _ (1 / variance ^ 2) (fun x => p θ x * (v x - μ) ^ 2)).
  - replace (Σ x ∈ n, p θ x * (v x - μ) ^ 2) with variance; [field; lra|]. unfold variance, Var. now rewrite Hmean.
  - intros x Hx. rewrite (Hscore x Hx). field. lra.
Qed.

(* refuted: not divided *)
Theorem score_mean_parameter_wrong : ~ forall n p θ i D s v Q T S q t ε, family n p θ i D s -> 0 < ε ->
  (forall y x, Rabs (y - θ i) < ε -> x ∈ n -> p (put θ i y) x = exp (Q y * v x + T y + S x)) -> is_derive Q (θ i) q -> is_derive T (θ i) t ->
  (forall θ, E x ∼ (p θ) ∈ n, v x = θ i) ->
  let μ := θ i in let variance := Var n (p θ) v in
  0 < variance ->
  (forall x, x ∈ n -> s x = v x - μ).
Proof.
  intros H. set (p := fun (θ : nat -> R) x => match x with O => 1 - θ 0%nat | _ => θ 0%nat end). set (θ := fun _ : nat => 1 / 3).
  assert (Hf : family 2 p θ 0 (fun x => match x with O => -1 | _ => 1 end) (fun x => match x with O => - (3 / 2) | _ => 3 end)).
  { split; [intros; cbn [sum]; unfold p; ring|].
    assert (D0 : ∂ (p θ 0%nat) /∂ θ[0%nat] = -1) by (unfold partial, p, put; cbn; eapply D_eq; [derive|ring]).
    assert (D1 : ∂ (p θ 1%nat) /∂ θ[0%nat] = 1) by (unfold partial, p, put; cbn; apply D_id).
    intros [|[|x]] Hx; [| |lia]; (split; [unfold p, θ; lra|split; [easy|]]).
    - eapply D_eq; [apply D_log; [unfold p, put, θ; cbn; lra|exact D0]|]. unfold p, put, θ. cbn. lra.
    - eapply D_eq; [apply D_log; [unfold p, put, θ; cbn; lra|exact D1]|]. unfold p, put, θ. cbn. lra. }
  assert (HQ : is_derive (fun y => ln (y / (1 - y))) (1 / 3) (9 / 2)) by (eapply D_eq; [derive; lra|lra]).
  assert (HT : is_derive (fun y => ln (1 - y)) (1 / 3) (- (3 / 2))) by (eapply D_eq; [derive; lra|lra]).
  specialize (H 2%nat p θ 0%nat _ _ (fun x => INR x) (fun y => ln (y / (1 - y))) (fun y => ln (1 - y)) (fun _ => 0) (9 / 2) (- (3 / 2)) (1 / 3)
    Hf ltac:(lra)).
  assert (3 = 1 - 1 / 3) as Q; [|lra]. refine (H _ HQ HT _ _ 1%nat ltac:(lia)).
  - intros y [|[|x]] Hy Hx; [| |lia]; unfold θ in Hy; apply Rabs_lt_between in Hy; unfold p, put; cbn [Nat.eqb INR].
    + rewrite Rmult_0_r, Rplus_0_l, Rplus_0_r, exp_ln by lra. easy.
    + rewrite Rmult_1_r, Rplus_0_r, exp_plus, !exp_ln by (lra || apply Rdiv_lt_0_compat; lra). field. lra.
  - intros θ'. cbn [sum INR]. unfold p. ring.
  - unfold Var, p, θ. cbn [sum INR]. lra.
Qed.

(* s θ i x is the score in θ_i, at every θ, and H x its derivative with respect to θ_j: the second one of log p. Entry i, j. *)
(* eq-fisher-information 85d7a3ef for every n and every number of parameters *)
Theorem fisher_information : forall n P p D s θ i j H, i ∈ P -> j ∈ P ->
  (forall θ k, k ∈ P -> family n p θ k (D θ k) (s θ k)) ->
  (forall x, x ∈ n -> ∂ (s θ i x) /∂ θ[j] = H x) ->
  E x ∼ (p θ) ∈ n, s θ i x * s θ j x = - (E x ∼ (p θ) ∈ n, H x).
Proof.
  intros n P p D s θ i j H Hi Hj Hf HH.
  enough ((E x ∼ (p θ) ∈ n, s θ i x * s θ j x) + (E x ∼ (p θ) ∈ n, H x) = 0) by lra.
  (* The score has the mean zero at every θ: the derivative of this mean is zero too. *)
  apply (D_unique (fun t => E x ∼ (p (put θ j t)) ∈ n, s (put θ j t) i x) (θ j)).
  - exact (f_depends n p θ j (D θ j) (s θ j) (fun θ => s θ i) H (Hf θ j Hj) HH).
  - apply is_derive_ext with (fun _ => 0); [|apply D_const]. intros t. symmetry.
    exact (mean_of_score n p _ i (D _ i) (s _ i) (Hf _ i Hi)).
Qed.

(* refuted: sign *)
Theorem fisher_information_wrong : ~ forall n P p D s θ i j H, i ∈ P -> j ∈ P ->
  (forall θ k, k ∈ P -> family n p θ k (D θ k) (s θ k)) ->
  (forall x, x ∈ n -> ∂ (s θ i x) /∂ θ[j] = H x) ->
  E x ∼ (p θ) ∈ n, s θ i x * s θ j x = E x ∼ (p θ) ∈ n, H x.
Proof.
  intros H. specialize (H 2%nat 2%nat (softmax 2) _ (fun θ k a => δ a k - softmax 2 θ k) log_third 0%nat 0%nat
    (fun a => 0 - softmax 2 log_third 0 * (δ 0 0 - softmax 2 log_third 0)) ltac:(lia) ltac:(lia) (fun θ k Hk => family_softmax 2 θ k Hk)).
  specialize (H (fun x _ => D_minus _ _ _ _ _ (D_const _ _) (D_softmax 2 log_third 0 0 ltac:(lia)))). differs H.
Qed.

(* f is any number that depends on the draw, such as one entry of f s; A is a list of N independent draws. *)
(* eq-monte-carlo 19919bbb for every n and every N *)
Theorem monte_carlo : forall n p f N, (1 <= N)%nat -> sum n p = 1 ->
  let average A := 1 / INR N * (Σ i ∈ N, f (A i)) in let m := E x ∼ p ∈ n, f x in
  E A ∼ p ^ N ∈ n, average A = m /\
  E A ∼ p ^ N ∈ n, (average A - m) ^ 2 = 1 / INR N * Var n p f.
Proof.
  intros n p f N HN Hp average m. apply le_INR in HN as HN'. simpl in HN'.
  assert (Hm : E A ∼ p ^ N ∈ n, average A = m).
  { unfold average. rewrite group_scale, (group_sum N n p N _ Hp).
    rewrite (sum_ext N _ (fun _ => m)); [rewrite sum_const; field; lra|]. intros i Hi. now apply (group_one N n p i f). }
  split; [exact Hm|]. set (g := fun x => f x - m).
  assert (Hg : E x ∼ p ∈ n, g x = 0).
  { unfold g. rewrite (sum_2 n _ 1 (fun x => p x * f x) (- m) p) by (intros; ring). fold m. rewrite Hp. ring. }
  rewrite (group_ext N n p _ (fun A => (1 / INR N) ^ 2 * (Σ i ∈ N, (Σ j ∈ N, g (A i) * g (A j))))).
  - rewrite group_scale, (group_sum N n p N _ Hp). rewrite (sum_ext N _ (fun _ => Var n p f)).
    + rewrite sum_const. field. lra.
    + intros i Hi. rewrite (group_sum N n p N _ Hp). rewrite (sum_ext N _ (fun j => δ j i * Var n p f)).
      * now rewrite (sum_δ N i (fun _ => Var n p f)).
      * intros j Hj. unfold δ. destruct (Nat.eqb_spec j i) as [->|Hne].
        -- rewrite Rmult_1_l. rewrite (group_one N n p i (fun x => g x * g x) Hp Hi). apply sum_ext. intros. unfold g. fold m. ring.
        -- rewrite (group_two N n p i j g g Hp Hi Hj) by auto. rewrite Hg. ring.
  - intros A. rewrite (sum_ext N (fun i => Σ j ∈ N, g (A i) * g (A j)) (fun i => (Σ j ∈ N, g (A j)) * g (A i))).
    + rewrite sum_scale. unfold g at 1 2. rewrite !sum_minus, !sum_const. unfold average. field. lra.
    + intros i _. rewrite sum_scale. ring.
Qed.

(* refuted: variance as of one *)
Theorem monte_carlo_wrong : ~ forall n p f N, (1 <= N)%nat -> sum n p = 1 ->
  let average A := 1 / INR N * (Σ i ∈ N, f (A i)) in let m := E x ∼ p ∈ n, f x in
  E A ∼ p ^ N ∈ n, (average A - m) ^ 2 = Var n p f.
Proof.
  intros H. assert (H1 : sum 2 third = 1) by (apply policy_sum, third_policy).
  pose proof (H 2%nat third (fun x => δ x 0) 2%nat ltac:(lia) H1) as Q.
  pose proof (proj2 (monte_carlo 2 third (fun x => δ x 0) 2 ltac:(lia) H1)) as Q'. cbv zeta in Q, Q'.
  pose proof (eq_trans (eq_sym Q) Q') as Q2. differs Q2.
Qed.
