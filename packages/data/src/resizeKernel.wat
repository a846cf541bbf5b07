;; Pillow's ImagingResampleHorizontal_8bpc and ImagingResampleVertical_8bpc: bytes times weights of 22 fractional bits,
;; added and rounded to bytes. What is read beyond an end, up to 16 bytes, weighs nothing; what is written beyond it, up
;; to 15, is for resizeLikePillow.ts to write over, or to have room for. `npm run kernel` compiles this.
(module
  (memory (export "memory") 1)

  ;; One row of three channels. Each of `$places` pixels is made of those of `$row` from its number in `$first` on,
  ;; with `$fours` times four weights of its own, 0 for those too many.
  (func (export "mixColors")
    (param $row i32) (param $first i32) (param $weights i32) (param $fours i32) (param $places i32) (param $out i32)
    (local $from i32) (local $left i32) (local $pixels v128) (local $sum v128)
    (loop $place
      (local.set $from (i32.add (local.get $row) (i32.mul (i32.load (local.get $first)) (i32.const 3))))
      (local.set $left (local.get $fours))
      (local.set $sum (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
      (loop $four
        (local.set $pixels (v128.load (local.get $from)))
        (local.set $sum (i32x4.add
          (i32x4.add
            (local.get $sum)
            (i32x4.add
              (i32x4.mul
                (i8x16.swizzle (local.get $pixels) (v128.const i8x16 0 -1 -1 -1 1 -1 -1 -1 2 -1 -1 -1 -1 -1 -1 -1))
                (v128.load32_splat (local.get $weights)))
              (i32x4.mul
                (i8x16.swizzle (local.get $pixels) (v128.const i8x16 3 -1 -1 -1 4 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 -1))
                (v128.load32_splat offset=4 (local.get $weights)))))
          (i32x4.add
            (i32x4.mul
              (i8x16.swizzle (local.get $pixels) (v128.const i8x16 6 -1 -1 -1 7 -1 -1 -1 8 -1 -1 -1 -1 -1 -1 -1))
              (v128.load32_splat offset=8 (local.get $weights)))
            (i32x4.mul
              (i8x16.swizzle (local.get $pixels) (v128.const i8x16 9 -1 -1 -1 10 -1 -1 -1 11 -1 -1 -1 -1 -1 -1 -1))
              (v128.load32_splat offset=12 (local.get $weights))))))
        (local.set $from (i32.add (local.get $from) (i32.const 12)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (br_if $four (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store32_lane 0 (local.get $out)
        (i8x16.swizzle
          (i32x4.shr_u (local.get $sum) (i32.const 22))
          (v128.const i8x16 0 4 8 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1)))
      (local.set $first (i32.add (local.get $first) (i32.const 4)))
      (local.set $out (i32.add (local.get $out) (i32.const 3)))
      (br_if $place (local.tee $places (i32.sub (local.get $places) (i32.const 1))))))

  ;; The same for one channel.
  (func (export "mixGreys")
    (param $row i32) (param $first i32) (param $weights i32) (param $fours i32) (param $places i32) (param $out i32)
    (local $from i32) (local $left i32) (local $sum v128)
    (loop $place
      (local.set $from (i32.add (local.get $row) (i32.load (local.get $first))))
      (local.set $left (local.get $fours))
      (local.set $sum (v128.const i32x4 0x200000 0 0 0))
      (loop $four
        (local.set $sum (i32x4.add (local.get $sum)
          (i32x4.mul
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $from))))
            (v128.load (local.get $weights)))))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (br_if $four (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (i32.store8 (local.get $out)
        (i32.shr_u
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
            (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum))))
          (i32.const 22)))
      (local.set $first (i32.add (local.get $first) (i32.const 4)))
      (local.set $out (i32.add (local.get $out) (i32.const 1)))
      (br_if $place (local.tee $places (i32.sub (local.get $places) (i32.const 1))))))

  ;; One row out of `$taps` rows of `$length` bytes each, with a weight for each of them.
  (func (export "mixRows")
    (param $rows i32) (param $length i32) (param $weights i32) (param $taps i32) (param $out i32)
    (local $end i32) (local $from i32) (local $left i32) (local $at i32) (local $weight v128)
    (local $low v128) (local $high v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $out) (local.get $length)))
    (loop $sixteen
      (local.set $from (local.get $rows))
      (local.set $at (local.get $weights))
      (local.set $left (local.get $taps))
      (local.set $a (local.tee $b (local.tee $c (local.tee $d (v128.const i32x4 0x200000 0x200000 0x200000 0x200000)))))
      (loop $tap
        (local.set $weight (v128.load32_splat (local.get $at)))
        (local.set $low (i16x8.extend_low_i8x16_u (local.tee $high (v128.load (local.get $from)))))
        (local.set $high (i16x8.extend_high_i8x16_u (local.get $high)))
        (local.set $a (i32x4.add (local.get $a)
          (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $low)) (local.get $weight))))
        (local.set $b (i32x4.add (local.get $b)
          (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $low)) (local.get $weight))))
        (local.set $c (i32x4.add (local.get $c)
          (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $high)) (local.get $weight))))
        (local.set $d (i32x4.add (local.get $d)
          (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $high)) (local.get $weight))))
        (local.set $from (i32.add (local.get $from) (local.get $length)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $tap (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $out)
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_u
            (i32x4.shr_u (local.get $a) (i32.const 22)) (i32x4.shr_u (local.get $b) (i32.const 22)))
          (i16x8.narrow_i32x4_u
            (i32x4.shr_u (local.get $c) (i32.const 22)) (i32x4.shr_u (local.get $d) (i32.const 22)))))
      (local.set $rows (i32.add (local.get $rows) (i32.const 16)))
      (br_if $sixteen
        (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $end)))))

  ;; What three tables of 256 numbers, one after the other, have for the three bytes of each pixel from `$pixel` to before
  ;; `$end`; the first table is for the byte `$first`, 0 or 2. Not of Pillow: it is what comes next.
  (func (export "lookUp") (param $pixel i32) (param $end i32) (param $tables i32) (param $first i32) (param $out i32)
    (loop $next
      (f32.store (local.get $out) (f32.load
        (i32.add (local.get $tables) (i32.shl
          (i32.load8_u (i32.add (local.get $pixel) (local.get $first))) (i32.const 2)))))
      (f32.store offset=4 (local.get $out) (f32.load offset=1024
        (i32.add (local.get $tables) (i32.shl (i32.load8_u offset=1 (local.get $pixel)) (i32.const 2)))))
      (f32.store offset=8 (local.get $out) (f32.load offset=2048
        (i32.add (local.get $tables) (i32.shl
          (i32.load8_u (i32.add (local.get $pixel) (i32.xor (local.get $first) (i32.const 2)))) (i32.const 2)))))
      (local.set $out (i32.add (local.get $out) (i32.const 12)))
      (br_if $next
        (i32.lt_u (local.tee $pixel (i32.add (local.get $pixel) (i32.const 3))) (local.get $end))))))
