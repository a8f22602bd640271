// Inverse trigonometric functions, lane by lane: they are rare, and the standard library has them.

export function asinLanes(x: v128): v128 {
  let result = f32x4.splat(NativeMathf.asin(f32x4.extract_lane(x, 0)));
  result = f32x4.replace_lane(result, 1, NativeMathf.asin(f32x4.extract_lane(x, 1)));
  result = f32x4.replace_lane(result, 2, NativeMathf.asin(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(result, 3, NativeMathf.asin(f32x4.extract_lane(x, 3)));
}

export function acosLanes(x: v128): v128 {
  let result = f32x4.splat(NativeMathf.acos(f32x4.extract_lane(x, 0)));
  result = f32x4.replace_lane(result, 1, NativeMathf.acos(f32x4.extract_lane(x, 1)));
  result = f32x4.replace_lane(result, 2, NativeMathf.acos(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(result, 3, NativeMathf.acos(f32x4.extract_lane(x, 3)));
}

export function atanLanes(x: v128): v128 {
  let result = f32x4.splat(NativeMathf.atan(f32x4.extract_lane(x, 0)));
  result = f32x4.replace_lane(result, 1, NativeMathf.atan(f32x4.extract_lane(x, 1)));
  result = f32x4.replace_lane(result, 2, NativeMathf.atan(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(result, 3, NativeMathf.atan(f32x4.extract_lane(x, 3)));
}

export function atan2Lanes(y: v128, x: v128): v128 {
  let result = f32x4.splat(NativeMathf.atan2(f32x4.extract_lane(y, 0), f32x4.extract_lane(x, 0)));
  result = f32x4.replace_lane(result, 1, NativeMathf.atan2(f32x4.extract_lane(y, 1), f32x4.extract_lane(x, 1)));
  result = f32x4.replace_lane(result, 2, NativeMathf.atan2(f32x4.extract_lane(y, 2), f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(result, 3, NativeMathf.atan2(f32x4.extract_lane(y, 3), f32x4.extract_lane(x, 3)));
}
