import { crc32 as zlibCrc32 } from 'node:zlib';

/**
 * CRC-32 (IEEE) with the top bit cleared, as RocketMQ stores it.
 * @source rocketmq 4.9.2 common/UtilAll.java crc32
 */
export function bodyCrc(bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : zlibCrc32(bytes) & 0x7fffffff;
}
