// The functions of the gates in WGSL: those of ../../../functions.ts, step by step.
export const functions = `
fn exactExp(x: f32) -> f32 {
  let n = floor(clamp(x, -88.0, 89.0) * 1.4426950408889634 + 0.5);
  let r = clamp(x, -88.0, 89.0) - n * 0.693145751953125 - n * 0.00000142860682030941723212;
  let p = 1.0 + r * (1.0 + r * (0.5 + r * (0.166666667 + r * (0.0416666667 + r * (0.00833333333 + r * (0.00138888889 + r * 0.000198412698))))));
  let e = i32(n);
  let half = e >> 1u;
  let y = p * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((e - half + 127) << 23u);
  return select(x, select(y, 0.0, x < -87.4), x == x);
}
fn exactSigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exactExp(-x));
}
fn exactTanh(x: f32) -> f32 {
  let z = x * x;
  let near = x * (1.0 + z * (-0.333333333 + z * (0.133333333 + z * (-0.0539682540 + z * (0.0218694885 + z * -0.00886323553)))));
  let e = exactExp(-2.0 * min(abs(x), 20.0));
  let far = (1.0 - e) / (1.0 + e);
  return select(select(select(x, far, x > 0.0), -far, x < 0.0), near, abs(x) < 0.25);
}`
