// SPDX-License-Identifier: Apache-2.0
// Part of SaturnMQ's benchmarks: what making one write durable costs on this disk, with nothing around it.
// build: cc -O2 -o syncload syncload.c
// usage: syncload FILE BYTES SECONDS
//          appends BYTES to FILE and waits for fdatasync, again and again, for SECONDS. The file's blocks are there
//          beforehand and written once, as a broker's are, so that no write waits for the file system to find room.
// Prints one line: syncs/s and latency percentiles in microseconds, the write included.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SYNCS_MAX 1000000
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static int cmp(const void *a, const void *b) { uint32_t x = *(uint32_t *)a, y = *(uint32_t *)b; return x < y ? -1 : x > y; }

int main(int argc, char **argv) {
  if (argc < 4) { fprintf(stderr, "see the top of syncload.c\n"); return 2; }
  size_t bytes = atol(argv[2]), prepared = 64 << 20; double seconds = atof(argv[3]);
  int fd = open(argv[1], O_CREAT | O_RDWR | O_TRUNC, 0600); if (fd < 0) { perror("open"); return 2; }
  char *block = malloc(1 << 20); memset(block, 'x', 1 << 20);
  for (size_t at = 0; at < prepared; at += 1 << 20) if (pwrite(fd, block, 1 << 20, at) != 1 << 20) { perror("pwrite"); return 2; }
  if (fsync(fd)) { perror("fsync"); return 2; }
  uint32_t *us = malloc(SYNCS_MAX * sizeof *us); size_t count = 0, at = 0; double begin = now(), end = begin;
  while (count < SYNCS_MAX && end - begin < seconds) {
    if (pwrite(fd, block, bytes, at) != (ssize_t)bytes || fdatasync(fd)) { perror("write"); return 2; }
    double done = now(); us[count++] = (done - end) * 1e6; end = done; at = (at + bytes) % (prepared - bytes);
  }
  qsort(us, count, sizeof *us, cmp);
  printf("syncs/s=%.0f latency_us p50=%u p90=%u p99=%u p99.9=%u max=%u syncs=%zu\n", count / (end - begin), us[count / 2],
    us[count * 9 / 10], us[count * 99 / 100], us[count * 999 / 1000], us[count - 1], count);
  close(fd); unlink(argv[1]); return 0;
}
