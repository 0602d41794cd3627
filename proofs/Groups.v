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

(* What depends on one draw has the mean of one draw. *)
Lemma group_one G n p i f : sum n p = 1 -> i ∈ G -> E A ∼ p ^ G ∈ n, f (A i) = E x ∼ p ∈ n, f x.
Proof.
  intros Hp. induction G as [|g IH]; [lia|]. intros Hi. simpl. destruct (Nat.eq_dec i g) as [->|Hne].
  - rewrite (group_ext g n p _ (fun _ => E x ∼ p ∈ n, f x)).
    + now apply group_const.
    + intros A. apply sum_ext. intros. now rewrite with_draw_same.
  - rewrite (group_ext g n p _ (fun A => f (A i))); [apply IH; lia|].
    intros A. rewrite (sum_1 n _ (f (A i)) p), Hp by (intros; rewrite with_draw_other by easy; ring). ring.
Qed.

(* Two different draws are independent. *)
Lemma group_two G n p i j f g : sum n p = 1 -> i ∈ G -> j ∈ G -> i <> j ->
  E A ∼ p ^ G ∈ n, f (A i) * g (A j) = (E x ∼ p ∈ n, f x) * (E x ∼ p ∈ n, g x).
Proof.
  intros Hp. induction G as [|G' IH]; [lia|]. intros Hi Hj Hne. simpl.
  destruct (Nat.eq_dec i G') as [->|Hi']; [|destruct (Nat.eq_dec j G') as [->|Hj']].
  - rewrite (group_ext G' n p _ (fun A => (E x ∼ p ∈ n, f x) * g (A j))).
    + rewrite group_scale. now rewrite (group_one G' n p j g Hp) by lia.
    + intros A. rewrite (sum_1 n _ (g (A j)) (fun x => p x * f x)).
      * ring.
      * intros. rewrite with_draw_same, with_draw_other by congruence. ring.
  - rewrite (group_ext G' n p _ (fun A => (E x ∼ p ∈ n, g x) * f (A i))).
    + rewrite group_scale, (group_one G' n p i f Hp) by lia. ring.
    + intros A. rewrite (sum_1 n _ (f (A i)) (fun x => p x * g x)).
      * ring.
      * intros. rewrite with_draw_same, with_draw_other by congruence. ring.
  - rewrite (group_ext G' n p _ (fun A => f (A i) * g (A j))); [apply IH; lia|].
    intros A. rewrite (sum_1 n _ (f (A i) * g (A j)) p), Hp; [ring|].
    intros. rewrite !with_draw_other by easy. ring.
Qed.
