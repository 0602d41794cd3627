(* Finite sums and means, in the book's notation. Every chapter builds on this file.

   An action is a number 0, 1, …, K − 1, and "a ∈ K" says that a is one of these K actions. A policy, a list of
   returns or a list of logits is a function from actions to real numbers. *)

From Coq Require Export Reals Lra Lia.
From Coquelicot Require Export Coquelicot.
Open Scope R_scope.

Notation "a ∈ K" := (a < K)%nat (at level 70, no associativity).

Fixpoint sum (K : nat) (f : nat -> R) : R :=
  match K with
  | O => 0
  | S n => sum n f + f n
  end.

(* Σ a ∈ K, t : the sum of t over all K actions a. *)
Notation "'Σ' a ∈ K , t" := (sum K (fun a => t)) (at level 45, a name, K at level 30, t at level 45).

(* δ a b : 1 if a and b are the same action, else 0. *)
Definition δ (a b : nat) : R := if Nat.eqb a b then 1 else 0.

(* E a ∼ π ∈ K, t : the mean of t when the action a is drawn from the policy π over K actions. *)
Notation "'E' a ∼ π ∈ K , t" := (sum K (fun a => π a * t)) (at level 45, a name, π at level 9, K at level 30, t at level 45).

(* A policy gives each action a positive probability, and these sum to 1. *)
Definition policy (K : nat) (π : nat -> R) : Prop := (forall a, a ∈ K -> 0 < π a) /\ Σ a ∈ K, π a = 1.

(* Maximum and variance, the squared length of a vector and the inner product of two. *)
Fixpoint largest (K : nat) (f : nat -> R) : R :=
  match K with
  | O => 0
  | S O => f O
  | S n => Rmax (largest n f) (f n)
  end.
Definition Var (K : nat) (π f : nat -> R) : R := E a ∼ π ∈ K, (f a - (E b ∼ π ∈ K, f b)) ^ 2.
Definition Cov (K : nat) (π f g : nat -> R) : R :=
  E a ∼ π ∈ K, (f a - (E b ∼ π ∈ K, f b)) * (g a - (E b ∼ π ∈ K, g b)).
Definition norm2 (K : nat) (v : nat -> R) : R := Σ a ∈ K, v a ^ 2.

(* What follows is how sums are calculated with. *)

Lemma δ_same a : δ a a = 1.
Proof. unfold δ. now rewrite Nat.eqb_refl. Qed.

Lemma δ_other a b : a <> b -> δ a b = 0.
Proof. intros H. unfold δ. now apply Nat.eqb_neq in H as ->. Qed.

Lemma δ_sym a b : δ a b = δ b a.
Proof. unfold δ. now rewrite Nat.eqb_sym. Qed.

Lemma δ_square a b : δ a b * δ a b = δ a b.
Proof. unfold δ. destruct (Nat.eqb a b); ring. Qed.

Lemma sum_ext K f g : (forall a, a ∈ K -> f a = g a) -> sum K f = sum K g.
Proof. induction K as [|K IH]; simpl; intros H; [easy|]. rewrite IH, H; auto. Qed.

Lemma sum_plus K f g : Σ a ∈ K, (f a + g a) = sum K f + sum K g.
Proof. induction K as [|K IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma sum_minus K f g : Σ a ∈ K, (f a - g a) = sum K f - sum K g.
Proof. induction K as [|K IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma sum_scale K c f : Σ a ∈ K, (c * f a) = c * sum K f.
Proof. induction K as [|K IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma sum_const K c : Σ a ∈ K, c = INR K * c.
Proof. induction K as [|K IH]; [simpl; ring|]. rewrite S_INR. simpl sum. rewrite IH. ring. Qed.

Lemma sum_zero K f : (forall a, a ∈ K -> f a = 0) -> sum K f = 0.
Proof. intros H. rewrite (sum_ext K f (fun _ => 0) H), sum_const. ring. Qed.

Lemma sum_δ K b f : b ∈ K -> Σ a ∈ K, (δ a b * f a) = f b.
Proof.
  induction K as [|K IH]; [lia|]. intros Hb. simpl.
  destruct (Nat.eq_dec b K) as [->|Hne].
  - rewrite δ_same, sum_zero; [ring|]. intros a Ha. rewrite δ_other; [ring|lia].
  - rewrite IH, (δ_other K b); [ring|lia|lia].
Qed.

Lemma sum_swap K L f : Σ a ∈ K, (Σ b ∈ L, f a b) = Σ b ∈ L, (Σ a ∈ K, f a b).
Proof.
  induction K as [|K IH]; simpl; [now rewrite sum_zero|]. now rewrite IH, <- sum_plus.
Qed.

Lemma sum_product K L f g : sum K f * sum L g = Σ a ∈ K, (Σ b ∈ L, (f a * g b)).
Proof.
  rewrite Rmult_comm, <- sum_scale. apply sum_ext. intros a _. now rewrite sum_scale, Rmult_comm.
Qed.

Lemma sum_le K f g : (forall a, a ∈ K -> f a <= g a) -> sum K f <= sum K g.
Proof. induction K as [|K IH]; simpl; intros H; [lra|]. apply Rplus_le_compat; auto. Qed.

Lemma sum_nonneg K f : (forall a, a ∈ K -> 0 <= f a) -> 0 <= sum K f.
Proof. intros H. rewrite <- (sum_zero K (fun _ => 0)) by easy. now apply sum_le. Qed.

Lemma sum_pos K f : (0 < K)%nat -> (forall a, a ∈ K -> 0 < f a) -> 0 < sum K f.
Proof.
  intros HK H. destruct K as [|K]; [lia|]. simpl. apply Rplus_le_lt_0_compat; [|auto].
  apply sum_nonneg. intros a Ha. left. auto.
Qed.

Lemma sum_term_le K f b : b ∈ K -> (forall a, a ∈ K -> 0 <= f a) -> f b <= sum K f.
Proof.
  intros Hb H. rewrite <- (sum_δ K b f Hb). apply sum_le. intros a Ha. specialize (H a Ha).
  unfold δ. destruct (Nat.eqb a b); lra.
Qed.

(* A sum of non-negative terms is zero only if each of them is. *)
Lemma sum_zero_terms K f : (forall a, a ∈ K -> 0 <= f a) -> sum K f = 0 -> forall a, a ∈ K -> f a = 0.
Proof.
  intros H0 Hs a Ha. pose proof (sum_term_le K f a Ha H0). specialize (H0 a Ha). lra.
Qed.

(* The summand is a combination of others, whose sums are known. *)
Lemma sum_2 K f c g c' g' :
  (forall a, a ∈ K -> f a = c * g a + c' * g' a) -> sum K f = c * sum K g + c' * sum K g'.
Proof. intros H. rewrite (sum_ext K f _ H), sum_plus, !sum_scale. ring. Qed.

Lemma sum_3 K f c g c' g' c'' g'' :
  (forall a, a ∈ K -> f a = c * g a + c' * g' a + c'' * g'' a) ->
  sum K f = c * sum K g + c' * sum K g' + c'' * sum K g''.
Proof. intros H. rewrite (sum_ext K f _ H), !sum_plus, !sum_scale. ring. Qed.

Lemma sum_1 K f c g : (forall a, a ∈ K -> f a = c * g a) -> sum K f = c * sum K g.
Proof. intros H. now rewrite (sum_ext K f _ H), sum_scale. Qed.

Lemma largest_ge K f a : a ∈ K -> f a <= largest K f.
Proof.
  induction K as [|[|K] IH]; [lia|intros Ha; replace a with O by lia; simpl; lra|].
  intros Ha. change (largest (S (S K)) f) with (Rmax (largest (S K) f) (f (S K))).
  destruct (Nat.eq_dec a (S K)) as [->|]; [apply Rmax_r|].
  eapply Rle_trans; [apply IH; lia|apply Rmax_l].
Qed.

Lemma largest_is K f : (0 < K)%nat -> exists a, a ∈ K /\ largest K f = f a.
Proof.
  induction K as [|[|K] IH]; [lia|exists O; split; [lia|easy]|]. intros _.
  change (largest (S (S K)) f) with (Rmax (largest (S K) f) (f (S K))).
  destruct IH as (a & Ha & ->); [lia|]. unfold Rmax. destruct (Rle_dec _ _); eauto.
Qed.

Lemma policy_le_1 K π a : policy K π -> a ∈ K -> π a <= 1.
Proof.
  intros [Hp <-] Ha. apply sum_term_le; [easy|]. intros b Hb. left. auto.
Qed.

Lemma policy_pair K π a b : policy K π -> a ∈ K -> b ∈ K -> a <> b -> π a + π b <= 1.
Proof.
  intros [Hp Hs] Ha Hb Hab.
  assert (H : Σ c ∈ K, ((δ c a + δ c b) * π c) <= 1).
  { rewrite <- Hs. apply sum_le. intros c Hc. specialize (Hp c Hc). unfold δ.
    destruct (Nat.eqb_spec c a), (Nat.eqb_spec c b); subst; try lra; lia. }
  rewrite (sum_2 K _ 1 (fun c => δ c a * π c) 1 (fun c => δ c b * π c)), !sum_δ in H by (easy || intros; ring).
  lra.
Qed.

Lemma policy_triple K π a b c : policy K π -> a ∈ K -> b ∈ K -> c ∈ K -> a <> b -> a <> c -> b <> c ->
  π a + π b + π c <= 1.
Proof.
  intros [Hp Hs] Ha Hb Hc Hab Hac Hbc.
  assert (H : Σ d ∈ K, ((δ d a + δ d b + δ d c) * π d) <= 1).
  { rewrite <- Hs. apply sum_le. intros d Hd. specialize (Hp d Hd). unfold δ.
    destruct (Nat.eqb_spec d a), (Nat.eqb_spec d b), (Nat.eqb_spec d c); subst; lra || lia. }
  rewrite (sum_3 K _ 1 (fun d => δ d a * π d) 1 (fun d => δ d b * π d) 1 (fun d => δ d c * π d)), !sum_δ in H
    by (easy || intros; ring). lra.
Qed.

Lemma other_action K a b : (2 < K)%nat -> exists c, c ∈ K /\ c <> a /\ c <> b.
Proof.
  intros HK. destruct (Nat.eq_dec a 0), (Nat.eq_dec b 0), (Nat.eq_dec a 1), (Nat.eq_dec b 1); subst;
  solve [exists 0%nat; lia | exists 1%nat; lia | exists 2%nat; lia].
Qed.

Lemma other_one K a : (2 <= K)%nat -> exists c, c ∈ K /\ c <> a.
Proof. intros HK. destruct (Nat.eq_dec a 0); [exists 1%nat|exists 0%nat]; lia. Qed.

Lemma policy_sum K π : policy K π -> sum K π = 1.
Proof. now intros [_ H]. Qed.

Lemma policy_some K π : policy K π -> (0 < K)%nat.
Proof. intros [_ H]. destruct K; [simpl in H; lra|lia]. Qed.

Lemma mean_const K π c : policy K π -> E a ∼ π ∈ K, c = c.
Proof. intros H. rewrite (sum_1 K _ c π), policy_sum; [ring|easy|]. intros. ring. Qed.

(* Σ over a concrete number of actions, written out. *)
Ltac write_out := cbn [sum δ Nat.eqb]; unfold δ; cbn [Nat.eqb].

(* A concrete list of positive numbers that sum to 1 is a policy. *)
Ltac is_policy :=
  split; [let a := fresh in let H := fresh in intros a H; do 7 try (destruct a as [|a]; [lra|]); lra
         | write_out; lra].

Lemma score_norm K π a : a ∈ K -> norm2 K (fun b => δ a b - π b) = 1 - 2 * π a + norm2 K π.
Proof.
  intros Ha. unfold norm2. rewrite (sum_2 K _ 1 (fun b => δ b a * (1 - 2 * π b)) 1 (fun b => π b ^ 2)), sum_δ; [ring|easy|].
  intros b _. rewrite δ_sym. transitivity (δ b a * δ b a - 2 * δ b a * π b + π b ^ 2); [ring|rewrite δ_square; ring].
Qed.
