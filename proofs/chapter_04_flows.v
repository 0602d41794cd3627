(* Chapter 4, "What 1/π corrects": where flows end, and what one small step does.

   "flow K G z": z t are the logits at time t, and from time 0 on they move along the gradient of G. *)

Require Import Derivatives chapter_04.

Definition flow (K : nat) (G : (nat -> R) -> R) (z : R -> nat -> R) : Prop :=
  forall t b gradient, 0 <= t -> b ∈ K -> partial G (z t) b gradient -> is_derive (fun t => z t b) t gradient.

(* A path z t of two logits; x = z₁ − z₂. With the division, then without. *)
(* eq-two-arm-flows cd2d1073 for all returns *)
Theorem two_arm_flows : forall (z : R -> nat -> R) r t, let π := softmax 2 (z t) in
  let r1 := r 0%nat in let r2 := r 1%nat in let π1 := π 0%nat in let π2 := π 1%nat in
  ((forall b gradient, b ∈ 2 -> partial (expected_return 2 r) (z t) b gradient ->
      is_derive (fun t => z t b) t gradient) ->
    is_derive (fun t => z t 0%nat - z t 1%nat) t (2 * π1 * π2 * (r1 - r2))) /\
  ((forall b gradient, b ∈ 2 -> partial (fun z => 1 / 2 * (Σ a ∈ 2, softmax 2 z a ^ 2 * r a)) (z t) b gradient ->
      is_derive (fun t => z t b) t gradient) ->
    is_derive (fun t => z t 0%nat - z t 1%nat) t (2 * π1 * π2 * (π1 * r1 - π2 * r2))).
Proof.
  intros z r t π r1 r2 π1 π2.
  assert (Hs : π2 = 1 - π1).
  { pose proof (policy_sum 2 π (softmax_policy 2 (z t) ltac:(lia))) as Hs. cbn [sum] in Hs. unfold π1, π2. lra. }
  split; intros H.
  - eapply D_eq; [apply (D_minus (fun t => z t 0%nat) (fun t => z t 1%nat)); apply H; try apply D_expected_return; lia|].
    cbv zeta. cbn [sum]. fold π. fold π1 π2 r1 r2. rewrite Hs. ring.
  - eapply D_eq; [apply (D_minus (fun t => z t 0%nat) (fun t => z t 1%nat)); apply H; try apply distorted_returns; lia|].
    cbv zeta. cbn [sum]. fold π. fold π1 π2 r1 r2. rewrite Hs. ring.
Qed.

(* refuted: 2 forgotten *)
Theorem two_arm_flows_wrong : ~ forall (z : R -> nat -> R) r t, let π := softmax 2 (z t) in
  let r1 := r 0%nat in let r2 := r 1%nat in let π1 := π 0%nat in let π2 := π 1%nat in
  (forall b gradient, b ∈ 2 -> partial (expected_return 2 r) (z t) b gradient ->
      is_derive (fun t => z t b) t gradient) ->
    is_derive (fun t => z t 0%nat - z t 1%nat) t (π1 * π2 * (r1 - r2)).
Proof.
  intros H. set (r := fun a => δ a 0).
  set (z := fun t b => t * (softmax 2 (fun _ => 0) b * (r b - (E a ∼ (softmax 2 (fun _ => 0)) ∈ 2, r a)))).
  assert (Hz : z 0 = fun _ => 0).
  { apply FunctionalExtensionality.functional_extensionality. intros. unfold z. ring. }
  assert (Hflow : forall b gradient, b ∈ 2 -> partial (expected_return 2 r) (z 0) b gradient ->
    is_derive (fun t => z t b) 0 gradient).
  { intros b g Hb Hg. rewrite Hz in Hg. rewrite (D_unique _ _ _ _ Hg (D_expected_return 2 r (fun _ => 0) b Hb)).
    unfold z. eapply D_eq; [derive|]. ring. }
  specialize (H z r 0 Hflow). pose proof (proj1 (two_arm_flows z r 0) Hflow) as H'. cbv zeta in H, H'.
  rewrite Hz in H, H'. pose proof (D_unique _ _ _ _ H H') as Q. unfold r in Q. differs Q.
Qed.

(* Both returns are positive; p is the probability of arm 1. *)
(* eq-basin-border a8ae5d09 for all p and all returns > 0 *)
Theorem basin_border : forall p r1 r2 : R, 0 < r1 -> 0 < r2 ->
  (p * r1 = (1 - p) * r2 <-> p = r2 / (r1 + r2)).
Proof.
  intros p r1 r2 H1 H2. split; [intros H|intros ->; field; lra].
  apply (Rmult_eq_reg_r (r1 + r2)); [|lra]. field_simplify; lra.
Qed.

(* refuted: r1/(r1 + r2) *)
Theorem basin_border_wrong : ~ forall p r1 r2 : R, 0 < r1 -> 0 < r2 ->
  (p * r1 = (1 - p) * r2 <-> p = r1 / (r1 + r2)).
Proof. intros H. specialize (proj2 (H (2 / 3) 2 1 ltac:(lra) ltac:(lra)) ltac:(lra)). lra. Qed.

(* What is smaller than y stays so for a while. *)
Lemma below_near (f : R -> R) x l y : is_derive f x l -> f x < y ->
  exists d, 0 < d /\ forall u, Rabs (u - x) < d -> f u < y.
Proof.
  intros H Hy. assert (C : continuous f x) by (apply (ex_derive_continuous f); now exists l).
  destruct (C (fun u => u < y) (open_lt y (f x) Hy)) as [d Hd]. exists d. split; [apply cond_pos|exact Hd].
Qed.

Lemma falls (e e' : R -> R) x y : x <= y -> (forall u, x <= u <= y -> is_derive e u (e' u) /\ e' u <= 0) -> e y <= e x.
Proof.
  intros Hxy H. destruct (MVT_gen e x y e') as (u & Hu & Heq); rewrite ?Rmin_left, ?Rmax_right in * by easy.
  - intros u Hu. apply H. lra.
  - intros u Hu. apply continuity_pt_filterlim, (ex_derive_continuous e). eexists. now apply H.
  - pose proof (proj2 (H u Hu)). nra.
Qed.

(* What falls wherever it is below ε, and begins below ε, never gets above its beginning. *)
Lemma stays_below (e e' : R -> R) ε T : 0 <= T -> (forall t, 0 <= t -> is_derive e t (e' t)) ->
  (forall t, 0 <= t -> e t < ε -> e' t <= 0) -> e 0 < ε -> e T <= e 0.
Proof.
  intros HT HD Hfall H0. set (S := fun s => 0 <= s <= T /\ forall u, 0 <= u <= s -> e u <= e 0).
  destruct (completeness S) as [m [Hub Hlub]].
  { exists T. intros s [Hs _]. lra. }
  { exists 0. split; [lra|]. intros u Hu. replace u with 0 by lra. lra. }
  assert (HmT : m <= T) by (apply Hlub; intros s [Hs _]; lra).
  assert (H0m : 0 <= m) by (apply Hub; split; [lra|intros u Hu; replace u with 0 by lra; lra]).
  assert (Hbefore : forall u, 0 <= u < m -> e u <= e 0).
  { intros u Hu. destruct (Rle_dec (e u) (e 0)) as [|Hgt]; [easy|]. enough (m <= u) by lra. apply Hlub. intros s [Hs Hall].
    destruct (Rle_dec s u); [easy|]. specialize (Hall u ltac:(lra)). lra. }
  assert (Hm : e m <= e 0).
  { destruct (Rle_dec (e m) (e 0)) as [|Hgt]; [easy|]. exfalso.
    destruct (below_near (fun u => - e u) m _ (- e 0) (D_opp _ _ _ (HD m H0m)) ltac:(lra)) as (d & Hd & Hnear).
    destruct (Req_dec m 0) as [->|]; [lra|]. set (u := Rmax 0 (m - d / 2)).
    assert (Hu : 0 <= u < m /\ m - d < u) by (unfold u, Rmax; destruct (Rle_dec 0 (m - d / 2)); lra).
    specialize (Hbefore u ltac:(lra)). specialize (Hnear u). rewrite Rabs_left in Hnear by lra. specialize (Hnear ltac:(lra)). lra. }
  destruct (Req_dec m T) as [<-|Hne]; [easy|]. exfalso.
  destruct (below_near e m _ ε (HD m H0m) ltac:(lra)) as (d & Hd & Hnear). set (s := Rmin T (m + d / 2)).
  assert (Hs : m < s <= T /\ s < m + d) by (unfold s, Rmin; destruct (Rle_dec T (m + d / 2)); lra).
  enough (s <= m) by lra. apply Hub. split; [lra|]. intros u Hu. destruct (Rlt_dec u m) as [|Hum]; [apply Hbefore; lra|].
  apply Rle_trans with (e m); [|easy]. apply (falls e e' m u ltac:(lra)). intros v Hv. split; [apply HD; lra|].
  apply Hfall; [lra|]. apply Hnear. rewrite Rabs_pos_eq; lra.
Qed.

(* What falls at a rate of c e² is at most 1/(1/e₀ + c t). *)
Lemma decays (e e' : R -> R) c ε : 0 < c -> (forall t, 0 <= t -> 0 < e t /\ is_derive e t (e' t)) ->
  (forall t, 0 <= t -> e t < ε -> e' t <= - (c * e t ^ 2)) -> e 0 < ε -> forall t, 0 <= t -> e t <= 1 / (1 / e 0 + c * t).
Proof.
  intros Hc He Hfall H0 t Ht.
  assert (Hstay : forall t, 0 <= t -> e t <= e 0).
  { intros u Hu. apply (stays_below e e' ε); [easy|intros; now apply He| |easy]. intros v Hv Hlt.
    specialize (Hfall v Hv Hlt). pose proof (pow2_ge_0 (e v)). nra. }
  assert (Hg : c * t - 1 / e t <= c * 0 - 1 / e 0).
  { apply (falls (fun t => c * t - 1 / e t) (fun t => c + e' t / e t ^ 2) 0 t Ht). intros u Hu.
    destruct (He u ltac:(lra)) as [Hp HD]. split.
    - eapply D_eq; [apply (D_minus (fun t => c * t) (fun t => 1 / e t)); [derive|apply (D_div (fun _ => 1) e); [apply D_const|exact HD|lra]]|].
      field. lra.
    - assert (e' u / e u ^ 2 <= - c); [|lra]. apply Rle_div_l; [now apply pow_lt|]. specialize (Hfall u ltac:(lra)).
      pose proof (Hstay u ltac:(lra)). lra. }
  destruct (He t Ht) as [Hp _]. destruct (He 0 ltac:(lra)) as [Hp0 _].
  assert (0 < 1 / e 0) by (apply Rdiv_lt_0_compat; lra). assert (0 < 1 / e t) by (apply Rdiv_lt_0_compat; lra).
  replace (e t) with (1 / (1 / e t)) by (field; lra). apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; nra.
Qed.

(* Near certainty of a: the speed of π_a along the gradient of G, whatever the others pay. *)
Lemma pulls K π r a B : (2 <= K)%nat -> policy K π -> a ∈ K -> 0 < r a -> (forall c, c ∈ K -> Rabs (r c) <= B) ->
  1 - π a < r a / (8 * B) -> let v c := π c * (π c * r c - (Σ d ∈ K, π d ^ 2 * r d)) in
  r a / 4 * (1 - π a) ^ 2 <= π a * (v a - (E c ∼ π ∈ K, v c)).
Proof.
  intros HK Hπ Ha Hr HB Hnear v. set (e := 1 - π a) in *.
  pose proof (policy_le_1 K π a Hπ Ha). pose proof (proj1 Hπ a Ha). assert (Hπa : π a = 1 - e) by (unfold e; ring).
  assert (Hra : r a <= B) by (pose proof (HB a Ha); pose proof (Rle_abs (r a)); lra).
  assert (HeB : 8 * (B * e) < r a).
  { apply Rlt_div_r in Hnear; lra. }
  assert (He : 0 <= e) by (unfold e; lra). assert (He8 : e < 1 / 8) by nra.
  assert (Hsq : 3 / 4 <= π a ^ 2) by (rewrite Hπa; nra). assert (HBe : 0 <= B * e) by (apply Rmult_le_pos; lra).
  assert (Hra2 : 3 / 4 * r a <= π a ^ 2 * r a) by (apply Rmult_le_compat_r; lra).
  assert (Hother : forall c, c ∈ K -> c <> a -> 0 < π c <= e).
  { intros c Hc Hne. pose proof (policy_pair K π a c Hπ Ha Hc ltac:(auto)). pose proof (proj1 Hπ c Hc). unfold e. lra. }
  assert (Hsum : Σ c ∈ K, (1 - δ c a) * π c = e).
  { rewrite (sum_2 K _ 1 π (-1) (fun c => δ c a * π c)), sum_δ, policy_sum by (easy || intros; ring). unfold e. ring. }
  set (T := Σ c ∈ K, (1 - δ c a) * (π c ^ 2 * r c)).
  assert (Hcredit : forall c, c ∈ K -> c <> a -> - (B * e) <= π c * r c <= B * e).
  { intros c Hc Hne. destruct (Hother c Hc Hne). specialize (HB c Hc). apply Rabs_le_between in HB.
    assert (π c * B <= e * B) by (apply Rmult_le_compat_r; lra).
    assert (π c * - B <= π c * r c <= π c * B) by (split; apply Rmult_le_compat_l; lra). lra. }
  assert (HT : - (B * e ^ 2) <= T <= B * e ^ 2).
  { assert (HX : Σ c ∈ K, (1 - δ c a) * (π c * (B * e)) = B * e ^ 2).
    { rewrite (sum_1 K _ (B * e) (fun c => (1 - δ c a) * π c)), Hsum by (intros; ring). ring. }
    assert (Hc : forall c, c ∈ K -> c <> a -> - (π c * (B * e)) <= π c ^ 2 * r c <= π c * (B * e)).
    { intros c Hc Hne. destruct (Hother c Hc Hne). destruct (Hcredit c Hc Hne) as [L U].
      apply (Rmult_le_compat_l (π c)) in L, U; lra. }
    split; [enough (0 <= B * e ^ 2 + T) by lra|]; rewrite <- HX; unfold T.
    - rewrite <- sum_plus. apply sum_nonneg. intros c Hc'. unfold δ.
      destruct (Nat.eqb_spec c a) as [|Hne]; [|specialize (Hc c Hc' Hne)]; lra.
    - apply sum_le. intros c Hc'. unfold δ.
      destruct (Nat.eqb_spec c a) as [|Hne]; [|specialize (Hc c Hc' Hne)]; lra. }
  assert (HS : Σ d ∈ K, π d ^ 2 * r d = π a ^ 2 * r a + T).
  { unfold T. rewrite (sum_2 K (fun c => (1 - δ c a) * _) 1 (fun c => π c ^ 2 * r c) (-1) (fun c => δ c a * (π c ^ 2 * r c))), sum_δ
      by (easy || intros; ring). ring. }
  assert (Hva : π a * (π a * r a * e - B * e ^ 2) <= v a).
  { unfold v. rewrite HS. apply Rmult_le_compat_l; [lra|].
    replace (π a * r a - (π a ^ 2 * r a + T)) with (π a * r a * e - T) by (unfold e; ring). lra. }
  assert (Hrest : E c ∼ π ∈ K, v c <= π a * v a).
  { rewrite <- (sum_δ K a (fun c => π c * v c) Ha). apply sum_le. intros c Hc. unfold δ.
    destruct (Nat.eqb_spec c a) as [|Hne]; [lra|]. destruct (Hother c Hc Hne). destruct (Hcredit c Hc Hne).
    assert (v c <= 0); [|nra]. unfold v. rewrite HS. assert (B * e * e <= B * e * 1) by (apply Rmult_le_compat_l; lra).
    assert (π c * (π c * r c - (π a ^ 2 * r a + T)) <= π c * 0) by (apply Rmult_le_compat_l; lra). lra. }
  assert (Hlow : π a * (e * v a) <= π a * (v a - (E c ∼ π ∈ K, v c))).
  { apply Rmult_le_compat_l; [lra|]. replace (e * v a) with (v a - π a * v a) by (unfold e; ring). lra. }
  eapply Rle_trans; [|exact Hlow]. apply Rle_trans with (π a * (e * (π a * (π a * r a * e - B * e ^ 2)))).
  - replace (π a * (e * (π a * (π a * r a * e - B * e ^ 2)))) with (π a ^ 2 * (π a * r a - B * e) * e ^ 2) by ring.
    apply Rmult_le_compat_r; [apply pow2_ge_0|]. assert (7 / 8 * r a <= π a * r a) by (apply Rmult_le_compat_r; lra).
    apply Rle_trans with (3 / 4 * (1 / 2 * r a)); [lra|]. apply Rmult_le_compat; lra.
  - apply Rmult_le_compat_l; [lra|]. apply Rmult_le_compat_l; lra.
Qed.

(* The second part: there is an ε that depends on the returns, and what begins with 1 − π_a below it ends at 0, no
   slower than one over the time. *)
(* thm-where-flows-end ac71eb0c for every K: its second part, the traps *)
Theorem where_flows_end : forall K r a, (2 <= K)%nat -> a ∈ K -> 0 < r a ->
  let G z := 1 / 2 * (Σ c ∈ K, softmax K z c ^ 2 * r c) in
  exists ε, 0 < ε /\ forall z, flow K G z -> let rest t := 1 - softmax K (z t) a in
  rest 0 < ε -> forall t, 0 <= t -> rest t <= 1 / (1 / rest 0 + r a / 4 * t).
Proof.
  intros K r a HK Ha Hr G. set (B := Σ c ∈ K, Rabs (r c)).
  assert (HB : forall c, c ∈ K -> Rabs (r c) <= B).
  { intros c Hc. apply (sum_term_le K (fun c => Rabs (r c)) c Hc). intros. apply Rabs_pos. }
  assert (0 < B) by (pose proof (HB a Ha); pose proof (Rle_abs (r a)); lra).
  exists (r a / (8 * B)). split; [apply Rdiv_lt_0_compat; lra|]. intros z Hz rest H0.
  apply (decays rest (fun t => let π := softmax K (z t) in let v c := π c * (π c * r c - (Σ d ∈ K, π d ^ 2 * r d)) in
    - (π a * (v a - (E c ∼ π ∈ K, v c)))) (r a / 4) (r a / (8 * B))); [lra| | |easy].
  - intros t Ht. assert (Hπ : policy K (softmax K (z t))) by (apply softmax_policy; lia). split.
    + destruct (other_one K a HK) as (c & Hc & Hne). pose proof (policy_pair K _ a c Hπ Ha Hc ltac:(auto)).
      pose proof (proj1 Hπ c Hc). unfold rest. lra.
    + cbv zeta. unfold rest. eapply D_eq.
      * apply (D_minus (fun _ => 1) (fun t => softmax K (z t) a)); [apply D_const|].
        apply (D_softmax_path K z t (fun c => softmax K (z t) c * (softmax K (z t) c * r c - (Σ d ∈ K, softmax K (z t) d ^ 2 * r d))) a Ha).
        intros c Hc. apply (Hz t c _ Ht Hc). now apply distorted_returns.
      * cbv beta zeta. ring.
  - intros t Ht Hnear. cbv zeta. apply Ropp_le_contravar. apply (pulls K _ r a B); try easy. apply softmax_policy. lia.
Qed.

(* Two arms at the border: π = (1/3, 2/3), and the rarer pays twice as much. Nothing moves. *)
(* refuted: from every start *)
Theorem where_flows_end_wrong : ~ forall K r a, (2 <= K)%nat -> a ∈ K -> 0 < r a ->
  let G z := 1 / 2 * (Σ c ∈ K, softmax K z c ^ 2 * r c) in
  forall z, flow K G z -> let rest t := 1 - softmax K (z t) a in
  forall t, 0 <= t -> rest t <= 1 / (1 / rest 0 + r a / 4 * t).
Proof.
  intros H. set (r := fun a => match a with O => 2 | _ => 1 end).
  pose proof (H 2%nat r 0%nat ltac:(lia) ltac:(lia) ltac:(unfold r; lra) (fun _ => log_third)) as Q. cbv beta zeta in Q.
  assert (Hflow : flow 2 (fun z => 1 / 2 * (Σ c ∈ 2, softmax 2 z c ^ 2 * r c)) (fun _ => log_third)).
  { intros t b gradient _ Hb Hg. rewrite (D_unique _ _ _ _ Hg (distorted_returns 2 log_third r b Hb)). eapply D_eq; [apply D_const|].
    cbn [sum]. rewrite !third_softmax by (easy || lia). unfold r, third. destruct b as [|[|b]]; [| |lia]; lra. }
  specialize (Q Hflow 2 ltac:(lra)). rewrite third_softmax in Q by lia. unfold r, third in Q. lra.
Qed.

Lemma exp_le_square x : x <= 1 / 2 -> exp x <= 1 + x + 2 * x ^ 2.
Proof.
  intros H. pose proof (exp_ge_line (- x)) as Hl. rewrite exp_Ropp in Hl. pose proof (exp_pos x).
  apply (Rmult_le_compat_l (exp x)) in Hl; [|lra]. rewrite Rinv_r in Hl by lra.
  apply (Rmult_le_reg_l (1 - x)); [lra|]. apply Rle_trans with 1; [nra|].
  replace ((1 - x) * (1 + x + 2 * x ^ 2)) with (1 + x ^ 2 * (1 - 2 * x)) by ring.
  pose proof (Rmult_le_pos (x ^ 2) (1 - 2 * x) (pow2_ge_0 x) ltac:(lra)). lra.
Qed.

(* The change of log π_b when the logits move by α R times the score of a. The remainder is at most C α². *)
(* eq-first-order 04d1f829 for every K *)
Theorem first_order : forall K z R a b, a ∈ K -> b ∈ K -> let π := softmax K z in
  exists C ε, 0 < ε /\ forall α, Rabs α <= ε ->
  Rabs (ln (softmax K (fun c => z c + α * R * (δ a c - π c)) b) - ln (π b)
    - α * R * (δ a b - π a - π b + norm2 K π)) <= C * α ^ 2.
Proof.
  intros K z R a b Ha Hb π. assert (Hπ : policy K π) by (apply softmax_policy; lia).
  set (u := fun c => δ a c - π c). set (m := E c ∼ π ∈ K, u c).
  assert (Hm : m = π a - norm2 K π).
  { unfold m, u, norm2. rewrite (sum_2 K _ 1 (fun c => δ c a * π c) (-1) (fun c => π c ^ 2)), sum_δ; [ring|easy|].
    intros. rewrite δ_sym. ring. }
  assert (Hu : forall c, c ∈ K -> -1 <= u c <= 1).
  { intros c Hc. pose proof (proj1 Hπ c Hc). pose proof (policy_le_1 K π c Hπ Hc).
    unfold u, δ. destruct (Nat.eqb a c); lra. }
  assert (Hm1 : -1 <= m <= 1).
  { rewrite <- (mean_const K π (-1) Hπ), <- (mean_const K π 1 Hπ) at 1. unfold m.
    split; apply sum_le; intros c Hc; pose proof (proj1 Hπ c Hc); pose proof (Hu c Hc); nra. }
  exists (8 * R ^ 2), (/ (4 * (Rabs R + 1))). pose proof (Rabs_pos R).
  split; [apply Rinv_0_lt_compat; lra|]. intros α Hα. set (h := α * R).
  assert (Hh : Rabs h <= 1 / 4).
  { unfold h. rewrite Rabs_mult. apply Rle_trans with (/ (4 * (Rabs R + 1)) * (Rabs R + 1)).
    - apply Rmult_le_compat; try apply Rabs_pos; lra.
    - right. field. lra. }
  apply Rabs_le_between in Hh.
  set (S := E c ∼ π ∈ K, exp (h * (u c - m))).
  assert (HS1 : 1 <= S).
  { apply Rle_trans with (E c ∼ π ∈ K, (1 + h * (u c - m))).
    - rewrite (sum_3 K _ 1 π h (fun c => π c * u c) (- h * m) π) by (intros; ring).
      rewrite policy_sum by easy. fold m. lra.
    - apply sum_le. intros c Hc. apply Rmult_le_compat_l; [left; now apply Hπ|apply exp_ge_line]. }
  assert (HS2 : S <= 1 + 8 * h ^ 2).
  { apply Rle_trans with (E c ∼ π ∈ K, (1 + h * (u c - m) + 8 * h ^ 2)).
    - apply sum_le. intros c Hc. apply Rmult_le_compat_l; [left; now apply Hπ|]. specialize (Hu c Hc).
      eapply Rle_trans; [apply exp_le_square; nra|]. replace (2 * (h * (u c - m)) ^ 2) with (2 * h ^ 2 * (u c - m) ^ 2) by ring.
      assert ((u c - m) ^ 2 <= 4) by nra. pose proof (pow2_ge_0 h). nra.
    - rewrite (sum_3 K _ (1 + 8 * h ^ 2) π h (fun c => π c * u c) (- h * m) π) by (intros; ring).
      rewrite policy_sum by easy. fold m. lra. }
  assert (Hln : 0 <= ln S <= 8 * h ^ 2).
  { split; [rewrite <- ln_1; destruct HS1 as [|<-]; [left; apply ln_increasing|]; lra|].
    apply Rle_trans with (ln (exp (8 * h ^ 2))); [|rewrite ln_exp; lra].
    pose proof (exp_ge_line (8 * h ^ 2)). destruct (Req_dec S (exp (8 * h ^ 2))) as [->|]; [lra|].
    left. apply ln_increasing; lra. }
  assert (Heq : ln (softmax K (fun c => z c + h * u c) b) = ln (π b) + h * u b - h * m - ln S).
  { pose proof (sum_exp_pos K z b Hb) as HZ.
    assert (HZ' : Σ c ∈ K, exp (z c + h * u c) = (Σ c ∈ K, exp (z c)) * exp (h * m) * S).
    { unfold S. rewrite <- sum_scale. apply sum_ext. intros c Hc. unfold π, softmax.
      replace (z c + h * u c) with (z c + h * m + h * (u c - m)) by ring. rewrite !exp_plus. field. lra. }
    unfold π, softmax. rewrite HZ'. pose proof (exp_pos (h * m)).
    rewrite !ln_div, !ln_mult, !ln_exp;
      repeat (apply exp_pos || lra || apply Rmult_lt_0_compat). }
  fold h. fold u. cbv beta. change (fun c => z c + h * (δ a c - π c)) with (fun c => z c + h * u c). rewrite Heq, Hm.
  replace (8 * R ^ 2 * α ^ 2) with (8 * h ^ 2) by (unfold h; ring).
  replace (_ - _ - _) with (- ln S) by (unfold u; ring). rewrite Rabs_Ropp, Rabs_pos_eq; lra.
Qed.

(* What has one slope up to terms of second order has no other. *)
Lemma one_slope (X : R -> R) p q :
  (exists C ε, 0 < ε /\ forall α, Rabs α <= ε -> Rabs (X α - α * p) <= C * α ^ 2) ->
  (exists C ε, 0 < ε /\ forall α, Rabs α <= ε -> Rabs (X α - α * q) <= C * α ^ 2) -> p = q.
Proof.
  intros (C & ε & Hε & HC) (C' & ε' & Hε' & HC'). apply Rminus_diag_uniq, Rabs_eq_0.
  apply Rle_antisym; [|apply Rabs_pos]. apply le_epsilon. intros η Hη. rewrite Rplus_0_l.
  set (D := Rabs C + Rabs C' + 1). assert (0 < D) by (pose proof (Rabs_pos C); pose proof (Rabs_pos C'); unfold D; lra).
  set (α := Rmin (Rmin ε ε') (η / D)).
  assert (Hα : 0 < α) by (repeat apply Rmin_glb_lt; try easy; now apply Rdiv_lt_0_compat).
  assert (α <= ε /\ α <= ε' /\ α * D <= η) as (H1 & H2 & H3).
  { unfold α. repeat split.
    - eapply Rle_trans; apply Rmin_l.
    - eapply Rle_trans; [apply Rmin_l|apply Rmin_r].
    - apply Rle_trans with (η / D * D); [apply Rmult_le_compat_r; [lra|apply Rmin_r]|right; field; lra]. }
  specialize (HC α ltac:(rewrite Rabs_pos_eq; lra)). specialize (HC' α ltac:(rewrite Rabs_pos_eq; lra)).
  assert (α * Rabs (p - q) <= α * (α * D)); [|nra].
  rewrite <- (Rabs_pos_eq α) at 1 by lra. rewrite <- Rabs_mult.
  replace (α * (p - q)) with ((X α - α * q) - (X α - α * p)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. unfold D.
  pose proof (Rle_abs C). pose proof (Rle_abs C'). pose proof (pow2_ge_0 α). nra.
Qed.

(* refuted: only π_b *)
Theorem first_order_wrong : ~ forall K z R a b, a ∈ K -> b ∈ K -> let π := softmax K z in
  exists C ε, 0 < ε /\ forall α, Rabs α <= ε ->
  Rabs (ln (softmax K (fun c => z c + α * R * (δ a c - π c)) b) - ln (π b)
    - α * R * (δ a b - π b)) <= C * α ^ 2.
Proof.
  intros H. specialize (H 2%nat log_third 1 0%nat 0%nat ltac:(lia) ltac:(lia)).
  pose proof (first_order 2 log_third 1 0 0 ltac:(lia) ltac:(lia)) as H'. cbv zeta in H, H'.
  set (X := fun α => ln (softmax 2 (fun c => log_third c + α * 1 * (δ 0 c - softmax 2 log_third c)) 0)
    - ln (softmax 2 log_third 0)).
  assert (Q : 1 * (δ 0 0 - softmax 2 log_third 0) =
    1 * (δ 0 0 - softmax 2 log_third 0 - softmax 2 log_third 0 + norm2 2 (softmax 2 log_third))); [|differs Q].
  apply (one_slope X); [destruct H as (C & ε & Hε & H)|destruct H' as (C & ε & Hε & H')];
  exists C, ε; (split; [easy|]); intros α Hα; rewrite <- Rmult_assoc; first [exact (H α Hα) | exact (H' α Hα)].
Qed.
