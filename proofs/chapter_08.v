(* Chapter 8, "Must an action answer for what came before it?"

   A trajectory is two lists: s t and a t are state and action of step t. The book counts steps from 1, these files
   from 0. "E s a ∼ W , π ^ T , t" is the mean of t over trajectories of T steps in the world W under the policy π. The world
   has "states W" states and "actions W" actions; "policies W π θ i D score" says that in each state x the probabilities
   π θ x u of the actions u have the derivatives D x u with respect to θ_i, and their logarithms the derivatives score x u. *)

Require Import Groups.

(* Finitely many states and actions; where trajectories start; next y u x: the probability that x follows on y and u. *)
Record world := {
  states : nat;
  actions : nat;
  start : nat -> R;
  next : nat -> nat -> nat -> R;
  start_sum : Σ x ∈ states, start x = 1;
  next_sum : forall y u, Σ x ∈ states, next y u x = 1
}.

(* The probability of state x in step t, after what came before. *)
Definition arrive (W : world) (t : nat) (s a : nat -> nat) (x : nat) : R :=
  match t with
  | O => start W x
  | S k => next W (s k) (a k) x
  end.

(* Means over trajectories: step by step, first the state, then the action. *)
Fixpoint mean (W : world) (π : nat -> nat -> R) (T : nat) (F : (nat -> nat) -> (nat -> nat) -> R) : R :=
  match T with
  | O => F (fun _ => O) (fun _ => O)
  | S t => mean W π t (fun s a =>
      Σ x ∈ states W, arrive W t s a x * (Σ u ∈ actions W, π x u * F (with_draw s t x) (with_draw a t u)))
  end.
Notation "'E' s a ∼ W , π ^ T , t" := (mean W π T (fun s a => t))
  (at level 45, s name, a name, W at level 9, π at level 9, T at level 9, t at level 45).

(* In each state, the probabilities of the actions depend on θ; D are their derivatives and score those of their logarithms. *)
Definition policies (W : world) (π : (nat -> R) -> nat -> nat -> R) (θ : nat -> R) (i : nat) (D score : nat -> nat -> R) : Prop :=
  forall x, x ∈ states W -> family (actions W) (fun θ => π θ x) θ i (D x) (score x).

Lemma mean_ext W π T F F' : (forall s a, F s a = F' s a) -> mean W π T F = mean W π T F'.
Proof.
  revert F F'. induction T as [|t IH]; intros F F' H; simpl; [apply H|].
  apply IH. intros s a. apply sum_ext. intros x _. f_equal. apply sum_ext. intros u _. now rewrite H.
Qed.

Lemma mean_2 W π T c F c' F' :
  mean W π T (fun s a => c * F s a + c' * F' s a) = c * mean W π T F + c' * mean W π T F'.
Proof.
  revert F F'. induction T as [|t IH]; intros F F'; simpl; [easy|]. rewrite <- IH. apply mean_ext. intros s a.
  rewrite <- !sum_scale, <- sum_plus. apply sum_ext. intros x _.
  rewrite (sum_2 (actions W) _ c (fun u => π x u * F (with_draw s t x) (with_draw a t u)) c'
    (fun u => π x u * F' (with_draw s t x) (with_draw a t u))) by (intros; ring). ring.
Qed.

Lemma mean_zero W π T F : (forall s a, F s a = 0) -> mean W π T F = 0.
Proof.
  intros H. rewrite (mean_ext W π T F (fun s a => 0 * F s a + 0 * F s a)) by (intros; rewrite H; ring).
  rewrite mean_2. ring.
Qed.

Lemma mean_sum W π T K F :
  mean W π T (fun s a => Σ k ∈ K, F k s a) = Σ k ∈ K, mean W π T (F k).
Proof.
  induction K as [|k IH]; simpl; [now apply mean_zero|].
  rewrite (mean_ext W π T _ (fun s a => 1 * (Σ k ∈ k, F k s a) + 1 * F k s a)) by (intros; ring). rewrite mean_2, IH. ring.
Qed.

(* The gradient of a mean whose F may depend on θ as well. *)
Lemma D_trajectories W π θ i D score T (F : (nat -> R) -> (nat -> nat) -> (nat -> nat) -> R) F' :
  policies W π θ i D score ->
  (forall s a, ∂ (F θ s a) /∂ θ[i] = F' s a) ->
  ∂ (mean W (π θ) T (F θ)) /∂ θ[i] =
    mean W (π θ) T (fun s a => (Σ t ∈ T, score (s t) (a t)) * F θ s a + F' s a).
Proof.
  intros HW. revert F F'. induction T as [|t IH]; intros F F' HF; simpl.
  - eapply D_eq; [apply HF|]. ring.
  - eapply D_eq.
    + apply (IH (fun θ s a => Σ x ∈ states W, arrive W t s a x *
          (Σ u ∈ actions W, π θ x u * F θ (with_draw s t x) (with_draw a t u)))
        (fun s a => Σ x ∈ states W, arrive W t s a x * (Σ u ∈ actions W,
          π θ x u * (score x u * F θ (with_draw s t x) (with_draw a t u) + F' (with_draw s t x) (with_draw a t u))))).
      intros s a. eapply D_eq.
      * apply (D_sum (states W) (fun x y => arrive W t s a x *
          (Σ u ∈ actions W, π (put θ i y) x u * F (put θ i y) (with_draw s t x) (with_draw a t u)))). intros x Hx.
        apply (D_mult (fun _ => arrive W t s a x)); [apply D_const|].
        apply (D_sum (actions W) (fun u y => π (put θ i y) x u * F (put θ i y) (with_draw s t x) (with_draw a t u))). intros u Hu.
        apply (D_mult (fun y => π (put θ i y) x u) (fun y => F (put θ i y) (with_draw s t x) (with_draw a t u)));
        [exact (proj1 (proj2 (proj2 (HW x Hx) u Hu)))|exact (HF (with_draw s t x) (with_draw a t u))].
      * cbv beta. rewrite put_same. apply sum_ext. intros x Hx. rewrite Rmult_0_l, Rplus_0_l. f_equal.
        apply sum_ext. intros u Hu. rewrite <- (family_score _ _ _ _ _ _ u (HW x Hx) Hu). ring.
    + apply mean_ext. intros s a. cbv beta. rewrite <- sum_scale, <- sum_plus. apply sum_ext. intros x _.
      rewrite <- (Rmult_plus_distr_l (arrive W t s a x) (_ * _)) || idtac.
      rewrite (sum_2 (actions W) (fun u => π θ x u * ((_ + _) * _ + _)) (Σ k ∈ t, score (s k) (a k))
        (fun u => π θ x u * F θ (with_draw s t x) (with_draw a t u)) 1
        (fun u => π θ x u * (score x u * F θ (with_draw s t x) (with_draw a t u) + F' (with_draw s t x) (with_draw a t u)))).
      * ring.
      * intros u _. rewrite !with_draw_same.
        rewrite (sum_ext t (fun k => score (with_draw s t x k) (with_draw a t u k)) (fun k => score (s k) (a k))).
        -- ring.
        -- intros k Hk. now rewrite !with_draw_other by lia.
Qed.

(* r y u is what action u pays in state y. *)
(* eq-trajectory-gradient eb3d2471 for every T *)
Theorem trajectory_gradient : forall W π θ i D score T r, policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, r (s t) (a t)) /∂ θ[i] =
    E s a ∼ W , (π θ) ^ T , (Σ t ∈ T, score (s t) (a t)) * (Σ t ∈ T, r (s t) (a t)).
Proof.
  intros W π θ i D score T r HW. eapply D_eq.
  - apply (D_trajectories W π θ i D score T (fun _ s a => Σ t ∈ T, r (s t) (a t)) (fun _ _ => 0) HW).
    intros s a. exact (D_const (Σ t ∈ T, r (s t) (a t)) (θ i)).
  - apply mean_ext. intros. ring.
Qed.

(* One state, two actions: enough for what is wrong. *)
Definition one_state : world.
Proof.
  refine {| states := 1; actions := 2; start := fun _ => 1; next := fun _ _ _ => 1 |}; simpl; intros; lra.
Defined.

Definition one_policy (θ : nat -> R) (x u : nat) : R := softmax 2 θ u.

Lemma one_policies : policies one_state one_policy log_third 0
  (fun _ u => softmax 2 log_third u * (δ u 0 - softmax 2 log_third 0)) (fun _ u => δ u 0 - softmax 2 log_third 0).
Proof. intros x _. apply family_softmax. simpl. lia. Qed.

(* Two states: action u leads to state u. *)
Definition two_states : world.
Proof.
  refine {| states := 2; actions := 2; start := δ 0; next := fun _ u => δ (Nat.min u 1) |}; intros;
  [|destruct u as [|u]; [|rewrite Nat.min_r by lia]]; cbn; unfold δ; cbn; lra.
Defined.

Lemma two_policies : policies two_states one_policy log_third 0
  (fun _ u => softmax 2 log_third u * (δ u 0 - softmax 2 log_third 0)) (fun _ u => δ u 0 - softmax 2 log_third 0).
Proof. intros x _. apply family_softmax. simpl. lia. Qed.

Ltac walk H := cbv zeta beta in H; unfold one_policy in H;
  cbn [mean sum arrive states actions start next one_state two_states] in H; unfold with_draw in H;
  cbn [Nat.eqb Nat.ltb Nat.leb Nat.sub Nat.min pow] in H;
  rewrite ?third_softmax in H by lia; unfold δ, third in H; cbn [Nat.eqb] in H; lra.

(* refuted: ∇π for ∇log π *)
Theorem trajectory_gradient_wrong : ~ forall W π θ i D score T r, policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, r (s t) (a t)) /∂ θ[i] =
    E s a ∼ W , (π θ) ^ T , (Σ t ∈ T, D (s t) (a t)) * (Σ t ∈ T, r (s t) (a t)).
Proof.
  intros H. pose proof (H _ _ _ _ _ _ 1%nat (fun _ u => δ u 0) one_policies) as Q.
  pose proof (trajectory_gradient _ _ _ _ _ _ 1 (fun _ u => δ u 0) one_policies) as Q'.
  pose proof (D_unique _ _ _ _ Q Q') as Q2. walk Q2.
Qed.

(* Steps after those that F looks at change no mean. *)
Lemma mean_later W π T n F :
  (forall x, x ∈ states W -> Σ u ∈ actions W, π x u = 1) ->
  (forall s a s' a', (forall k, k ∈ T -> s k = s' k /\ a k = a' k) -> F s a = F s' a') ->
  mean W π (T + n) F = mean W π T F.
Proof.
  intros Hπ HF. induction n as [|n IH]; [now rewrite Nat.add_0_r|]. rewrite Nat.add_succ_r. simpl. rewrite <- IH.
  apply mean_ext. intros s a.
  assert (Harr : Σ x ∈ states W, arrive W (T + n) s a x = 1).
  { unfold arrive. destruct (T + n)%nat; [apply start_sum|apply next_sum]. }
  rewrite (sum_1 (states W) _ (F s a) (fun x => arrive W (T + n) s a x)), Harr; [ring|].
  intros x Hx. rewrite (sum_1 (actions W) _ (F s a) (fun u => π x u)), (Hπ x Hx); [ring|].
  intros u _. rewrite (HF (with_draw s (T + n) x) (with_draw a (T + n) u) s a); [ring|].
  intros k Hk. now rewrite !with_draw_other by lia.
Qed.

(* f is a function of the states up to step t and of the actions before it. *)
Definition of_history (t : nat) (f : (nat -> nat) -> (nat -> nat) -> R) : Prop :=
  forall s a s' a', (forall k, k ∈ S t -> s k = s' k) -> (forall k, k ∈ t -> a k = a' k) -> f s a = f s' a'.

(* eq-past-rewards-vanish 9cb7cd83 for every T and every t *)
Theorem past_rewards_vanish : forall W π θ i D score T t f, policies W π θ i D score -> t ∈ T -> of_history t f ->
  E s a ∼ W , (π θ) ^ T , f s a * score (s t) (a t) = 0.
Proof.
  intros W π θ i D score T t f HW Ht Hf. replace T with (S t + (T - S t))%nat by lia.
  rewrite mean_later.
  - simpl. apply mean_zero. intros s a. apply sum_zero. intros x Hx.
    rewrite (sum_1 (actions W) _ (f (with_draw s t x) a) (fun u => D x u)).
    + rewrite (family_zero _ _ _ _ _ _ (HW x Hx)). ring.
    + intros u Hu. rewrite !with_draw_same, <- (family_score _ _ _ _ _ _ u (HW x Hx) Hu).
      rewrite (Hf (with_draw s t x) (with_draw a t u) (with_draw s t x) a); [ring|easy|].
      intros k Hk. now rewrite with_draw_other by lia.
  - intros x Hx. apply (HW x Hx).
  - intros s a s' a' H. destruct (H t ltac:(lia)) as [<- <-]. f_equal. apply Hf; intros k Hk; apply H; lia.
Qed.

(* refuted: f sees the action *)
Theorem past_rewards_vanish_wrong : ~ forall W π θ i D score T t f, policies W π θ i D score -> t ∈ T -> of_history (S t) f ->
  E s a ∼ W , (π θ) ^ T , f s a * score (s t) (a t) = 0.
Proof.
  intros H. assert (Hf : of_history 1 (fun s a => δ (a 0%nat) 0)).
  { intros s a s' a' _ Ha. now rewrite (Ha 0%nat ltac:(lia)). }
  pose proof (H _ _ _ _ _ _ 1%nat 0%nat _ one_policies ltac:(lia) Hf) as Q. walk Q.
Qed.

(* What step k pays may depend on k. The sum from step t on: terms with k < t are left out. *)
Lemma to_go W π θ i D score T (r : nat -> nat -> nat -> R) : policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ k ∈ T, r k (s k) (a k)) /∂ θ[i] =
    E s a ∼ W , (π θ) ^ T , Σ t ∈ T, score (s t) (a t) * (Σ k ∈ T, if Nat.ltb k t then 0 else r k (s k) (a k)).
Proof.
  intros HW. eapply D_eq.
  - apply (D_trajectories W π θ i D score T (fun _ s a => Σ k ∈ T, r k (s k) (a k)) (fun _ _ => 0) HW).
    intros s a. exact (D_const (Σ k ∈ T, r k (s k) (a k)) (θ i)).
  - set (G := fun t s a => score (s t) (a t) * (Σ k ∈ T, if Nat.ltb k t then 0 else r k (s k) (a k))).
    set (P := fun t s a => (Σ k ∈ T, if Nat.ltb k t then r k (s k) (a k) else 0) * score (s t) (a t)).
    rewrite (mean_ext W (π θ) T _ (fun s a => 1 * (Σ t ∈ T, G t s a) + 1 * (Σ t ∈ T, P t s a))).
    + rewrite mean_2, (mean_sum W (π θ) T T P), (sum_zero T (fun t => mean W (π θ) T (P t))); [unfold G; ring|].
      intros t Ht. apply (past_rewards_vanish W π θ i D score T t); [easy|easy|].
      intros s a s' a' Hs Ha. apply sum_ext. intros k _. destruct (Nat.ltb_spec k t); [|easy].
      rewrite (Hs k), (Ha k) by lia. easy.
    + intros s a. rewrite Rplus_0_r, Rmult_comm, <- sum_scale, !Rmult_1_l, <- sum_plus. apply sum_ext. intros t _.
      unfold G, P. rewrite (sum_2 T (fun k => r k (s k) (a k)) 1 (fun k => if Nat.ltb k t then 0 else r k (s k) (a k))
        1 (fun k => if Nat.ltb k t then r k (s k) (a k) else 0)); [ring|].
      intros k _. destruct (Nat.ltb k t); ring.
Qed.

(* The inner sum leaves out the rewards before step t. *)
(* eq-reward-to-go 968a7b72 for every T *)
Theorem reward_to_go : forall W π θ i D score T r, policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, r (s t) (a t)) /∂ θ[i] =
    E s a ∼ W , (π θ) ^ T , Σ t ∈ T, score (s t) (a t) * (Σ k ∈ T, if Nat.ltb k t then 0 else r (s k) (a k)).
Proof. intros W π θ i D score T r HW. now apply (to_go W π θ i D score T (fun _ => r)). Qed.

(* refuted: own reward dropped too *)
Theorem reward_to_go_wrong : ~ forall W π θ i D score T r, policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, r (s t) (a t)) /∂ θ[i] =
    E s a ∼ W , (π θ) ^ T , Σ t ∈ T, score (s t) (a t) * (Σ k ∈ T, if Nat.leb k t then 0 else r (s k) (a k)).
Proof.
  intros H. pose proof (H _ _ _ _ _ _ 1%nat (fun _ u => δ u 0) one_policies) as Q.
  pose proof (trajectory_gradient _ _ _ _ _ _ 1 (fun _ u => δ u 0) one_policies) as Q'.
  pose proof (D_unique _ _ _ _ Q Q') as Q2. walk Q2.
Qed.

(* Steps are counted from 0, so the power of γ at step t is t, where the book, which counts from 1, has t − 1. *)
(* eq-discounted-gradient d9f363e7 for every T and every γ *)
Theorem discounted_gradient : forall W π θ i D score T r γ, policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, γ ^ t * r (s t) (a t)) /∂ θ[i] =
    E s a ∼ W , (π θ) ^ T , Σ t ∈ T, γ ^ t * score (s t) (a t) *
      (Σ k ∈ T, if Nat.ltb k t then 0 else γ ^ (k - t) * r (s k) (a k)).
Proof.
  intros W π θ i D score T r γ HW. eapply D_eq; [now apply (to_go W π θ i D score T (fun k y u => γ ^ k * r y u))|].
  apply mean_ext. intros s a. apply sum_ext. intros t _.
  rewrite (sum_1 T (fun k => if Nat.ltb k t then 0 else γ ^ k * r (s k) (a k)) (γ ^ t)
    (fun k => if Nat.ltb k t then 0 else γ ^ (k - t) * r (s k) (a k))); [ring|].
  intros k _. destruct (Nat.ltb_spec k t); [ring|]. replace (γ ^ k) with (γ ^ t * γ ^ (k - t)); [ring|].
  rewrite <- pow_add. f_equal. lia.
Qed.

(* refuted: γ^(t−1) forgotten *)
Theorem discounted_gradient_wrong : ~ forall W π θ i D score T r γ, policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, γ ^ t * r (s t) (a t)) /∂ θ[i] =
    E s a ∼ W , (π θ) ^ T , Σ t ∈ T, score (s t) (a t) *
      (Σ k ∈ T, if Nat.ltb k t then 0 else γ ^ (k - t) * r (s k) (a k)).
Proof.
  intros H. pose proof (H _ _ _ _ _ _ 2%nat (fun _ u => δ u 0) 0 one_policies) as Q.
  pose proof (discounted_gradient _ _ _ _ _ _ 2 (fun _ u => δ u 0) 0 one_policies) as Q'.
  pose proof (D_unique _ _ _ _ Q Q') as Q2. walk Q2.
Qed.

(* The probability of a trajectory: of each state, after what came before it, and of each action. *)
Fixpoint probability (W : world) (π : nat -> nat -> R) (T : nat) (s a : nat -> nat) : R :=
  match T with
  | O => 1
  | S t => probability W π t s a * (arrive W t s a (s t) * π (s t) (a t))
  end.

(* Any trajectory that can happen. *)
(* eq-trajectory-score 57a11c49 for every T *)
Theorem trajectory_score : forall W π θ i D score T s a, policies W π θ i D score ->
  (forall t, t ∈ T -> s t ∈ states W /\ a t ∈ actions W /\ 0 < arrive W t s a (s t)) ->
  ∂ (ln (probability W (π θ) T s a)) /∂ θ[i] = Σ t ∈ T, score (s t) (a t).
Proof.
  intros W π θ i D score T s a HW Hs.
  assert (H : 0 < probability W (π θ) T s a /\ (∂ (probability W (π θ) T s a) /∂ θ[i] =
    probability W (π θ) T s a * (Σ t ∈ T, score (s t) (a t)))).
  { induction T as [|t IH].
    - split; [simpl; lra|]. eapply D_eq; [exact (D_const 1 (θ i))|]. simpl. ring.
    - destruct IH as [IH HD]; [intros; apply Hs; lia|].
      destruct (Hs t (Nat.lt_succ_diag_r t)) as (Hst & Hat & Harr). destruct (proj2 (HW _ Hst) _ Hat) as (Hp & HDp & _). split.
      + exact (Rmult_lt_0_compat _ _ IH (Rmult_lt_0_compat _ _ Harr Hp)).
      + cbn [probability sum]. eapply D_eq.
        * apply (D_mult (fun y => probability W (π (put θ i y)) t s a) (fun y => arrive W t s a (s t) * π (put θ i y) (s t) (a t)));
          [exact HD|]. apply (D_mult (fun _ => arrive W t s a (s t))); [apply D_const|exact HDp].
        * cbv beta. rewrite put_same, <- (family_score _ _ _ _ _ _ (a t) (HW _ Hst) Hat). ring. }
  destruct H as [Hp HD]. eapply D_eq; [apply D_log; [cbv beta; now rewrite put_same|exact HD]|]. cbv beta. rewrite put_same. field. lra.
Qed.

(* refuted: ∇π for ∇log π *)
Theorem trajectory_score_wrong : ~ forall W π θ i D score T s a, policies W π θ i D score ->
  (forall t, t ∈ T -> s t ∈ states W /\ a t ∈ actions W /\ 0 < arrive W t s a (s t)) ->
  ∂ (ln (probability W (π θ) T s a)) /∂ θ[i] = Σ t ∈ T, D (s t) (a t).
Proof.
  intros H. set (zero := fun _ : nat => 0%nat).
  assert (Hs : forall t, t ∈ 1 -> zero t ∈ states one_state /\ zero t ∈ actions one_state /\ 0 < arrive one_state t zero zero (zero t)).
  { intros [|t] Ht; [|lia]. unfold zero. cbn [states actions start arrive one_state]. split; [lia|split; [lia|lra]]. }
  pose proof (H _ _ _ _ _ _ 1%nat zero zero one_policies Hs) as Q.
  pose proof (trajectory_score _ _ _ _ _ _ 1 zero zero one_policies Hs) as Q'.
  pose proof (D_unique _ _ _ _ Q Q') as Q2. unfold zero in Q2. walk Q2.
Qed.
