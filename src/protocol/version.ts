/**
 * Version ordinals of RocketMQ releases that matter here.
 * @source rocketmq 5.3.3 common/MQVersion.java
 */
export const VERSION = {
  V3_0_7_SNAPSHOT: 28,
  V3_0_11: 37,
  V3_1_8_SNAPSHOT: 62,
  V3_4_9: 121,
  V4_1_0_SNAPSHOT: 232,
  V4_9_0: 393,
  V4_9_1: 395,
  V4_9_2: 397,
  V4_9_3: 399,
  V4_9_4: 401,
  V5_0_0: 413,
  V5_3_3: 479,
} as const;

/** What this broker says it is. */
export const CURRENT_VERSION = VERSION.V4_9_2;
/** `CURRENT_VERSION` as RocketMQ prints it. */
export const CURRENT_VERSION_TEXT = 'V4_9_2';

/** From 4.9.0 (393) to 5.0.0 (413) ordinals rise by two a release: snapshot, release. */
const REGULAR: readonly (readonly [ordinal: number, major: number, minor: number])[] = [
  [473, 5, 3],
  [453, 5, 2],
  [433, 5, 1],
  [413, 5, 0],
  [393, 4, 9],
  [373, 4, 8],
  [353, 4, 7],
  [333, 4, 6],
];

/** A version ordinal as RocketMQ prints it (`V4_9_2`), or `V<ordinal>` where its name is not known here. */
export function versionText(ordinal: number): string {
  for (const [first, major, minor] of REGULAR) {
    if (ordinal < first) continue;
    const step = ordinal - first;
    if (step >= 20) return `V${ordinal}`;
    const patch = Math.floor((step + 1) / 2);
    return `V${major}_${minor}_${patch}${step % 2 === 1 ? '_SNAPSHOT' : ''}`;
  }
  return `V${ordinal}`;
}
