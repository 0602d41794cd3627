(* Chapter 8, "Must an action answer for what came before it?": values, and the policy gradient theorem. *)

Require Import Groups chapter_08.

(* How probable state x is at step t: what the book calls d_t(x). *)
Fixpoint visits (W : world) (π : nat -> nat -> R) (t x : nat) : R :=
  match t with
  | O => start W x
  | S k => Σ y ∈ states W, visits W π k y * (Σ u ∈ actions W, π y u * next W y u x)
  end.

(* The mean of what n steps pay that begin with action u in state x; V is its mean over the actions. *)
Fixpoint Q (W : world) (π r : nat -> nat -> R) (n x u : nat) : R :=
  match n with
  | O => 0
  | S m => r x u + (Σ y ∈ states W, next W x u y * (Σ v ∈ actions W, π y v * Q W π r m y v))
  end.
Definition V (W : world) (π r : nat -> nat -> R) (n x : nat) : R := Σ u ∈ actions W, π x u * Q W π r n x u.

(* One step on: a function of the next state, averaged. *)
Lemma visits_next W π t g :
  Σ x ∈ states W, visits W π t x * (Σ u ∈ actions W, π x u * (Σ y ∈ states W, next W x u y * g y)) =
  Σ y ∈ states W, visits W π (S t) y * g y.
Proof.
  transitivity (Σ x ∈ states W, (Σ y ∈ states W, visits W π t x * (Σ u ∈ actions W, π x u * next W x u y) * g y)).
  - apply sum_ext. intros x _.
    rewrite (sum_ext (actions W) _ (fun u => Σ y ∈ states W, π x u * (next W x u y * g y))) by (intros; now rewrite sum_scale).
    rewrite sum_swap, <- sum_scale. apply sum_ext. intros y _.
    rewrite (sum_1 (actions W) _ (g y) (fun u => π x u * next W x u y)) by (intros; ring). ring.
  - rewrite sum_swap. apply sum_ext. intros y _. simpl. rewrite Rmult_comm, <- sum_scale. apply sum_ext. intros. ring.
Qed.

(* What depends on state and action of step t, averaged over trajectories. *)
Lemma mean_step W π T t F : (forall x, x ∈ states W -> Σ u ∈ actions W, π x u = 1) -> t ∈ T ->
  E s a ∼ W , π ^ T , F (s t) (a t) = Σ x ∈ states W, visits W π t x * (Σ u ∈ actions W, π x u * F x u).
Proof.
  intros Hπ Ht. replace T with (S t + (T - S t))%nat by lia. rewrite mean_later; [|easy|].
  2: { intros s a s' a' H. now destruct (H t ltac:(lia)) as [-> ->]. }
  clear T Ht. revert F. induction t as [|k IH]; intros F; [easy|]. rewrite <- visits_next, <- IH.
  change (mean W π (S (S k)) ?G) with (mean W π (S k) (fun s a => Σ x ∈ states W, arrive W (S k) s a x *
    (Σ u ∈ actions W, π x u * G (with_draw s (S k) x) (with_draw a (S k) u)))).
  apply mean_ext. intros s a. apply sum_ext. intros x _. simpl arrive. f_equal. apply sum_ext. intros u _.
  now rewrite !with_draw_same.
Qed.

Lemma sum_first n f : sum (S n) f = f 0%nat + sum n (fun k => f (S k)).
Proof. induction n as [|n IH]; [simpl; ring|]. change (sum (S (S n)) f) with (sum (S n) f + f (S n)). rewrite IH. simpl. ring. Qed.

(* What is worth g n now, and in all later steps as many times as they are to come, adds up along the visits. *)
Lemma unroll W π (g w : nat -> nat -> R) t n : (forall x, w 0%nat x = 0) ->
  (forall n x, x ∈ states W -> w (S n) x = g n x + (Σ u ∈ actions W, π x u * (Σ y ∈ states W, next W x u y * w n y))) ->
  Σ x ∈ states W, visits W π t x * w n x = Σ k ∈ n, (Σ x ∈ states W, visits W π (t + k) x * g (n - 1 - k)%nat x).
Proof.
  intros H0 HS. revert t. induction n as [|n IH]; intros t.
  - simpl. apply sum_zero. intros x _. rewrite H0. ring.
  - rewrite sum_first, Nat.add_0_r. replace (S n - 1 - 0)%nat with n by lia.
    rewrite (sum_ext n (fun k => Σ x ∈ states W, visits W π (t + S k) x * g (S n - 1 - S k)%nat x)
      (fun k => Σ x ∈ states W, visits W π (S t + k) x * g (n - 1 - k)%nat x)).
    + rewrite <- IH, <- visits_next, <- sum_plus. apply sum_ext. intros x Hx. rewrite HS by easy. ring.
    + intros k Hk. replace (t + S k)%nat with (S t + k)%nat by lia. now replace (S n - 1 - S k)%nat with (n - 1 - k)%nat by lia.
Qed.

Lemma total_is_value W π T r : (forall x, x ∈ states W -> Σ u ∈ actions W, π x u = 1) ->
  E s a ∼ W , π ^ T , Σ t ∈ T, r (s t) (a t) = Σ x ∈ states W, start W x * V W π r T x.
Proof.
  intros Hπ. rewrite mean_sum. change (start W) with (visits W π 0).
  rewrite (unroll W π (fun _ x => Σ u ∈ actions W, π x u * r x u) (V W π r) 0 T).
  - apply sum_ext. intros t Ht. now apply (mean_step W π T t r).
  - intros x. apply sum_zero. intros u _. simpl. ring.
  - intros n x _. unfold V at 1. rewrite <- sum_plus. apply sum_ext. intros u _. simpl. unfold V. ring.
Qed.

(* The derivative of V: that of the policy, in this step and in all later ones. *)
Lemma D_value W π θ i D score r n : policies W π θ i D score -> exists w, (forall x, x ∈ states W ->
    ∂ (V W (π θ) r n x) /∂ θ[i] = w n x) /\ (forall x, w 0%nat x = 0) /\
  forall n x, x ∈ states W -> w (S n) x = (Σ u ∈ actions W, D x u * Q W (π θ) r (S n) x u) +
    (Σ u ∈ actions W, π θ x u * (Σ y ∈ states W, next W x u y * w n y)).
Proof.
  intros HW. set (w := fix w n x := match n with O => 0 | S m => (Σ u ∈ actions W, D x u * Q W (π θ) r (S m) x u) +
    (Σ u ∈ actions W, π θ x u * (Σ y ∈ states W, next W x u y * w m y)) end).
  exists w. split; [|now split]. induction n as [|n IH]; intros x Hx.
  - eapply is_derive_ext; [|apply D_const]. intros t. symmetry. apply sum_zero. intros u _. simpl. ring.
  - eapply D_eq.
    + apply (D_sum (actions W) (fun u t => π (put θ i t) x u * Q W (π (put θ i t)) r (S n) x u)). intros u Hu.
      apply (D_mult (fun t => π (put θ i t) x u) (fun t => Q W (π (put θ i t)) r (S n) x u)).
      * exact (proj1 (proj2 (proj2 (HW x Hx) u Hu))).
      * apply (D_plus (fun _ => r x u) (fun t => Σ y ∈ states W, next W x u y * V W (π (put θ i t)) r n y)); [apply D_const|].
        apply (D_sum (states W) (fun y t => next W x u y * V W (π (put θ i t)) r n y)). intros y Hy.
        apply (D_mult (fun _ => next W x u y)); [apply D_const|exact (IH y Hy)].
    + cbv beta. rewrite put_same. simpl w. rewrite <- sum_plus. apply sum_ext. intros u _. rewrite Rplus_0_l. f_equal. f_equal.
      apply sum_ext. intros. ring.
Qed.

(* Steps are counted from 0: at step t of T there are T − t to come. *)
(* eq-policy-gradient-theorem 5e5c0904 for every T *)
Theorem policy_gradient : forall W π θ i D score T r, policies W π θ i D score ->
  let Q t := Q W (π θ) r (T - t) in
  let A t x u := Q t x u - V W (π θ) r (T - t) x in
  let first_line := Σ t ∈ T, (Σ x ∈ states W, visits W (π θ) t x * (Σ u ∈ actions W, D x u * Q t x u)) in
  (∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, r (s t) (a t)) /∂ θ[i] = first_line) /\
  first_line = E s a ∼ W , (π θ) ^ T , Σ t ∈ T, score (s t) (a t) * A t (s t) (a t).
Proof.
  intros W π θ i D score T r HW Q' A first_line. assert (Hπ : forall θ x, x ∈ states W -> Σ u ∈ actions W, π θ x u = 1).
  { intros θ' x Hx. apply (HW x Hx). }
  split.
  - destruct (D_value W π θ i D score r T HW) as (w & Hw & H0 & HS). apply is_derive_ext with
      (fun t => Σ x ∈ states W, start W x * V W (π (put θ i t)) r T x).
    { intros t. symmetry. apply total_is_value. apply Hπ. }
    eapply D_eq.
    + apply (D_sum (states W) (fun x t => start W x * V W (π (put θ i t)) r T x)). intros x Hx.
      apply (D_mult (fun _ => start W x)); [apply D_const|exact (Hw x Hx)].
    + rewrite (sum_ext (states W) _ (fun x => visits W (π θ) 0 x * w T x)) by (intros; simpl; ring).
      rewrite (unroll W (π θ) (fun n x => Σ u ∈ actions W, D x u * Q W (π θ) r (S n) x u) w 0 T H0 HS).
      apply sum_ext. intros t Ht. simpl Nat.add. unfold Q'. now replace (S (T - 1 - t))%nat with (T - t)%nat by lia.
  - rewrite mean_sum. apply sum_ext. intros t Ht. rewrite (mean_step W (π θ) T t (fun x u => score x u * A t x u) (Hπ θ) Ht).
    apply sum_ext. intros x Hx. f_equal. symmetry.
    rewrite (sum_2 (actions W) _ 1 (fun u => D x u * Q' t x u) (- V W (π θ) r (T - t) x) (fun u => D x u)).
    + rewrite (family_zero _ _ _ _ _ _ (HW x Hx)). ring.
    + intros u Hu. rewrite <- (family_score _ _ _ _ _ _ u (HW x Hx) Hu). unfold A. ring.
Qed.

(* refuted: reward for Q *)
Theorem policy_gradient_wrong : ~ forall W π θ i D score T r, policies W π θ i D score ->
  ∂ (E s a ∼ W , (π θ) ^ T , Σ t ∈ T, r (s t) (a t)) /∂ θ[i] =
    Σ t ∈ T, (Σ x ∈ states W, visits W (π θ) t x * (Σ u ∈ actions W, D x u * r x u)).
Proof.
  intros H. pose proof (H _ _ _ _ _ _ 2%nat (fun x _ => δ x 0) two_policies) as Q0.
  pose proof (trajectory_gradient _ _ _ _ _ _ 2 (fun x _ => δ x 0) two_policies) as Q1.
  pose proof (D_unique _ _ _ _ Q0 Q1) as Q2. cbn [visits] in Q2. walk Q2.
Qed.
