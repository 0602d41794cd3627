(* Several independent draws from one distribution.

   A group A of G draws gives each draw i ∈ G its value A i. *)

Require Export Derivatives.

(* The list A with x in place i. *)
Definition with_draw (A : nat -> nat) (i x : nat) : nat -> nat := fun j => if Nat.eqb j i then x else A j.

(* The mean of F over all groups of G independent draws from p over n values, the last draw first. *)
Fixpoint group_mean (G n : nat) (p : nat -> R) (F : (nat -> nat) -> R) : R :=
  match G with
  | O => F (fun _ => O)
  | S g => group_mean g n p (fun A => E x ∼ p ∈ n, F (with_draw A g x))
  end.
Notation "'E' A ∼ p ^ G ∈ n , t" := (group_mean G n p (fun A => t))
  (at level 45, A name, p at level 9, G at level 9, n at level 30, t at level 45).

(* What follows is how such means are calculated with. *)

Lemma group_ext G n p F F' : (forall A, F A = F' A) -> group_mean G n p F = group_mean G n p F'.
Proof.
  revert F F'. induction G as [|g IH]; intros F F' H; simpl; [apply H|].
  apply IH. intros A. apply sum_ext. intros. now rewrite H.
Qed.

Lemma group_2 G n p c F c' F' :
  group_mean G n p (fun A => c * F A + c' * F' A) = c * group_mean G n p F + c' * group_mean G n p F'.
Proof.
  revert F F'. induction G as [|g IH]; intros F F'; simpl; [easy|].
  rewrite <- IH. apply group_ext. intros A. rewrite <- !sum_scale, <- sum_plus. apply sum_ext. intros. ring.
Qed.

Lemma group_scale G n p c F : group_mean G n p (fun A => c * F A) = c * group_mean G n p F.
Proof.
  rewrite (group_ext G n p _ (fun A => c * F A + 0 * F A)) by (intros; ring). rewrite group_2. ring.
Qed.

Lemma group_const G n p c : sum n p = 1 -> group_mean G n p (fun _ => c) = c.
Proof.
  intros Hp. induction G as [|g IH]; simpl; [easy|]. rewrite (group_ext g n p _ (fun _ => c)); [easy|].
  intros. rewrite (sum_1 n _ c p), Hp by (intros; ring). ring.
Qed.

Lemma group_sum G n p K F : sum n p = 1 ->
  group_mean G n p (fun A => Σ i ∈ K, F i A) = Σ i ∈ K, group_mean G n p (F i).
Proof.
  intros Hp. induction K as [|k IH]; simpl; [now apply group_const|].
  rewrite (group_ext G n p _ (fun A => 1 * (Σ i ∈ k, F i A) + 1 * F k A)) by (intros; ring).
  rewrite group_2, IH. ring.
Qed.

Lemma with_draw_same A i x : with_draw A i x i = x.
Proof. unfold with_draw. now rewrite Nat.eqb_refl. Qed.

Lemma with_draw_other A i j x : j <> i -> with_draw A i x j = A j.
Proof. intros H. unfold with_draw. now apply Nat.eqb_neq in H as ->. Qed.

Lemma with_draw_again A i j x y : i <> j -> with_draw (with_draw A i x) j y = with_draw (with_draw A j y) i x.
Proof.
  intros Hij. apply FunctionalExtensionality.functional_extensionality. intros k. unfold with_draw.
  destruct (Nat.eqb_spec k i), (Nat.eqb_spec k j); congruence.
Qed.

(* A draw is independent of all that does not look at it. *)
Lemma group_apart G n p i f F : sum n p = 1 -> i ∈ G -> (forall A x, F (with_draw A i x) = F A) ->
  E A ∼ p ^ G ∈ n, f (A i) * F A = (E x ∼ p ∈ n, f x) * group_mean G n p F.
Proof.
  intros Hp. revert F. induction G as [|g IH]; [lia|]. intros F Hi HF. simpl. destruct (Nat.eq_dec i g) as [->|Hne].
  - rewrite <- group_scale. apply group_ext. intros A.
    rewrite (sum_1 n (fun x => p x * (_ * _)) (F A) (fun x => p x * f x)), (sum_1 n (fun x => p x * F _) (F A) p), Hp; [ring| |];
    intros; rewrite ?with_draw_same, HF; ring.
  - rewrite <- IH.
    + apply group_ext. intros A. apply sum_1. intros. rewrite with_draw_other by easy. ring.
    + lia.
    + intros A x. apply sum_ext. intros y _. now rewrite with_draw_again, HF by auto.
Qed.

(* What depends on one draw has the mean of one draw. *)
Lemma group_one G n p i f : sum n p = 1 -> i ∈ G -> E A ∼ p ^ G ∈ n, f (A i) = E x ∼ p ∈ n, f x.
Proof.
  intros Hp Hi. rewrite (group_ext G n p _ (fun A => f (A i) * 1)) by (intros; ring).
  rewrite (group_apart G n p i f (fun _ => 1)), group_const by easy. ring.
Qed.

(* Two different draws are independent. *)
Lemma group_two G n p i j f g : sum n p = 1 -> i ∈ G -> j ∈ G -> i <> j ->
  E A ∼ p ^ G ∈ n, f (A i) * g (A j) = (E x ∼ p ∈ n, f x) * (E x ∼ p ∈ n, g x).
Proof.
  intros Hp Hi Hj Hij. rewrite (group_apart G n p i f (fun A => g (A j))); [now rewrite group_one|easy|easy|].
  intros. now rewrite with_draw_other by auto.
Qed.

(* A draw that has the mean zero, and is independent of the rest. *)
Lemma group_zero G n p i f F : sum n p = 1 -> i ∈ G -> E x ∼ p ∈ n, f x = 0 ->
  (forall A x, F (with_draw A i x) = F A) -> E A ∼ p ^ G ∈ n, f (A i) * F A = 0.
Proof. intros Hp Hi Hf HF. rewrite (group_apart G n p i f F Hp Hi HF), Hf. ring. Qed.
