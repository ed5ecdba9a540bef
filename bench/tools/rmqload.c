// SPDX-License-Identifier: Apache-2.0
// Part of SaturnMQ's benchmarks: bench/compare builds it with cc and runs it against our broker and a Java one in turn.
// It sends to the address it is given and no other, for the seconds it is given; only loopback addresses are used here.
#define _GNU_SOURCE
// rmqload: a small, cheap load generator for the RocketMQ remoting protocol, so that the server under test is the bottleneck
// and not its client. One thread, epoll, pre-encoded frames.
//
// build: cc -O2 -o rmqload rmqload.c
// send : rmqload send HOST PORT TOPIC QUEUES CONNECTIONS INFLIGHT BODYBYTES SECONDS [BATCH [REQUESTS]]
//          CONNECTIONS sockets, INFLIGHT requests outstanding on each (what one Java client instance with INFLIGHT threads
//          looks like to a broker); BATCH > 1 sends SEND_BATCH_MESSAGE (320) with that many inner messages; stops after
//          SECONDS, or once REQUESTS are answered, and then waits for those in flight.
// pull : rmqload pull HOST PORT TOPIC QUEUES GROUP SECONDS [MAXNUMS]
//          one connection per queue, reads each queue from offset 0 to its end, MAXNUMS (32) per request.
// Prints one line: requests/s, messages/s, MB/s, errors, latency percentiles in microseconds, its own CPU-µs a message,
//          messages acknowledged or read.
//          Each answer is held against the request of its opaque: a server may answer one connection out of order. Every
//          latency counts, in a histogram whose percentiles are exact below 512 µs and at most 0.4 % too high above.
//          It is a closed loop: a request goes out when another is answered, so a server that stands still for a while is
//          seen by those in flight and not by the requests that nobody sent meanwhile. Compare such percentiles only with
//          each other; an open loop (`saturnmq bench` with --rate) counts from when a request was due.
// Exit status 1 when any response had a code other than 0 (send) or 0/19 (pull).
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAXC 1024
// Latencies below 2 * SUB have a bucket each; above, each power of two has SUB buckets.
#define SUB_BITS 8
#define SUB (1u << SUB_BITS)
#define BUCKETS ((33 - SUB_BITS) * SUB)
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static void be32(uint8_t *p, uint32_t v) { p[0] = v >> 24; p[1] = v >> 16; p[2] = v >> 8; p[3] = v; }
static uint32_t rd32(const uint8_t *p) { return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }
// A place for one request in flight. Its opaques are slot, slot + inflight, slot + 2 * inflight …, so an opaque says its slot.
typedef struct { double at; uint32_t opaque; int open; } Sent;
typedef struct { int fd, queue; uint8_t *in; size_t inlen, incap; uint8_t *out; size_t outlen, outpos, outcap; Sent *sent; int open; int64_t off; int done; } Conn;
static Conn conns[MAXC]; static int ep, inflight, queues;
static uint64_t lat[BUCKETS], nlat; static uint32_t latmax; static long reqs, reqsmax, msgs, errs; static double bytes;
static char *topic, *group; static uint8_t *body; static int bodylen, batch = 1, maxnums = 32, pulling;

static void need(uint8_t **b, size_t *cap, size_t n) { if (n > *cap) { *cap = n * 2; *b = realloc(*b, *cap); } }
static void put(Conn *c, const char *hdr, int hl, const uint8_t *bd, int bl) {
  need(&c->out, &c->outcap, c->outlen + 8 + hl + bl);
  uint8_t *p = c->out + c->outlen; be32(p, 4 + hl + bl); be32(p + 4, hl); memcpy(p + 8, hdr, hl); if (bl) memcpy(p + 8 + hl, bd, bl);
  c->outlen += 8 + hl + bl;
}
static void request(Conn *c, uint32_t opaque) {
  char h[1024]; int n;
  if (pulling) {
    n = snprintf(h, sizeof h, "{\"code\":11,\"language\":\"JAVA\",\"opaque\":%u,\"flag\":0,\"version\":395,\"extFields\":{\"consumerGroup\":\"%s\",\"topic\":\"%s\",\"queueId\":\"%d\",\"queueOffset\":\"%lld\",\"maxMsgNums\":\"%d\",\"sysFlag\":\"4\",\"commitOffset\":\"0\",\"suspendTimeoutMillis\":\"0\",\"subscription\":\"*\",\"subVersion\":\"0\",\"expressionType\":\"TAG\"},\"serializeTypeCurrentRPC\":\"JSON\"}", opaque, group, topic, c->queue, (long long)c->off, maxnums);
    put(c, h, n, 0, 0);
  } else {
    c->queue = (c->queue + 1) % queues;
    n = snprintf(h, sizeof h, "{\"code\":%d,\"language\":\"JAVA\",\"opaque\":%u,\"flag\":0,\"version\":395,\"extFields\":{\"a\":\"load\",\"b\":\"%s\",\"c\":\"TBW102\",\"d\":\"4\",\"e\":\"%d\",\"f\":\"0\",\"g\":\"%lld\",\"h\":\"0\",\"i\":\"WAIT\\u0001true\\u0002\",\"j\":\"0\",\"k\":\"false\",\"m\":\"%s\"},\"serializeTypeCurrentRPC\":\"JSON\"}", batch > 1 ? 320 : 310, opaque, topic, c->queue, (long long)(time(0) * 1000LL), batch > 1 ? "true" : "false");
    put(c, h, n, body, bodylen);
  }
  c->sent[opaque % inflight] = (Sent){now(), opaque, 1}; c->open++;
}
static void flushout(Conn *c) {
  while (c->outpos < c->outlen) { ssize_t n = write(c->fd, c->out + c->outpos, c->outlen - c->outpos); if (n < 0) { if (errno == EAGAIN) return; perror("write"); exit(2); } c->outpos += n; }
  c->outpos = c->outlen = 0;
}
static long number(const char *p) { while (*p == '"' || *p == ':') p++; return strtol(p, 0, 10); }
// Answers of one server are alike, so a field is looked for where the last one was before the header is searched.
static long field(const char *h, size_t hl, const char *key, size_t kl, size_t *hint) {
  if (*hint + kl <= hl && !memcmp(h + *hint, key, kl)) return number(h + *hint + kl);
  char *p = memmem(h, hl, key, kl); if (!p) return -1;
  *hint = p - h; return number(p + kl);
}
#define FIELD(name) ({ static size_t hint; field(h, hl, "\"" name "\"", sizeof name + 1, &hint); })
static uint32_t bucket(uint32_t v) { if (v < 2 * SUB) return v; int e = 31 - SUB_BITS - __builtin_clz(v); return e * SUB + (v >> e); }
static uint32_t bucketend(uint32_t b) { if (b < 2 * SUB) return b; int e = b / SUB - 1; return ((uint64_t)(b - e * SUB + 1) << e) - 1; }
static uint32_t quantile(double q) {
  uint64_t rank = nlat * q, seen = 0; if (rank >= nlat) rank = nlat - 1;
  for (uint32_t b = 0; b < BUCKETS; b++) if ((seen += lat[b]) > rank) return bucketend(b) < latmax ? bucketend(b) : latmax;
  return latmax;
}
static void answered(Conn *c, uint32_t opaque) {
  Sent *s = &c->sent[opaque % inflight];
  if (!s->open || s->opaque != opaque) { fprintf(stderr, "an answer to no request: opaque %u\n", opaque); exit(2); }
  s->open = 0; c->open--; reqs++;
  uint32_t us = (now() - s->at) * 1e6; lat[bucket(us)]++; nlat++; if (us > latmax) latmax = us;
}
static void frame(Conn *c, const uint8_t *f, uint32_t len, int stop) {
  uint32_t hl = rd32(f + 4) & 0xffffff; const char *h = (const char *)f + 8; long code; uint32_t opaque;
  if (f[4] == 1) { code = (int16_t)((f[8] << 8) | f[9]); opaque = rd32(f + 13); } else { code = FIELD("code"); opaque = FIELD("opaque"); }
  answered(c, opaque);
  if (pulling) {
    if (code == 0) { long nx = FIELD("nextBeginOffset"); msgs += nx - c->off; bytes += len - hl; c->off = nx; if (!stop) request(c, opaque + inflight); }
    else { if (code != 19) { errs++; fprintf(stderr, "code %ld: %.*s\n", code, (int)hl, h); } c->done = 1; }
    return;
  }
  if (code != 0) { if (errs++ == 0) fprintf(stderr, "code %ld: %.*s\n", code, (int)hl, h); } else { msgs += batch; bytes += bodylen; }
  if (!stop) request(c, opaque + inflight);
}
int main(int argc, char **v) {
  if (argc < 9 && !(argc >= 8 && !strcmp(v[1], "pull"))) { fprintf(stderr, "see the top of rmqload.c\n"); return 2; }
  pulling = !strcmp(v[1], "pull"); topic = v[4]; queues = atoi(v[5]); int nc; double secs;
  if (pulling) { group = v[6]; secs = atof(v[7]); if (argc > 8) maxnums = atoi(v[8]); nc = queues; inflight = 1; }
  else { nc = atoi(v[6]); inflight = atoi(v[7]); bodylen = atoi(v[8]); secs = atof(v[9]); if (argc > 10) batch = atoi(v[10]); if (argc > 11) reqsmax = atol(v[11]); }
  if (nc > MAXC) return 2;
  int one = bodylen; body = malloc((one + 64) * (batch + 1) + 64); memset(body, 'x', (one + 64) * (batch + 1));
  if (batch > 1) { // inner: total(4) magic(4) crc(4) flag(4) bodyLen(4) body propLen(2) props
    uint8_t *p = body; const char *pr = "WAIT\001true\002"; int pl = strlen(pr);
    for (int i = 0; i < batch; i++) { int t = 4 * 5 + one + 2 + pl; be32(p, t); be32(p + 4, 0); be32(p + 8, 0); be32(p + 12, 0); be32(p + 16, one); memset(p + 20, 'x', one); p[20 + one] = pl >> 8; p[21 + one] = pl; memcpy(p + 22 + one, pr, pl); p += t; }
    bodylen = p - body;
  }
  ep = epoll_create1(0);
  for (int i = 0; i < nc; i++) {
    Conn *c = &conns[i]; c->fd = socket(AF_INET, SOCK_STREAM, 0); struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(v[3]))}; inet_pton(AF_INET, v[2], &a.sin_addr);
    if (connect(c->fd, (void *)&a, sizeof a)) { perror("connect"); return 2; }
    int y = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &y, sizeof y); fcntl(c->fd, F_SETFL, O_NONBLOCK);
    c->sent = calloc(inflight, sizeof(Sent)); c->queue = i; need(&c->in, &c->incap, 1 << 18);
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = i}; epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
    for (int k = 0; k < inflight; k++) request(c, k);
    flushout(c);
  }
  double t0 = now(), t1 = t0; int stop = 0, left = nc;
  while (left > 0) {
    struct epoll_event ev[64]; int n = epoll_wait(ep, ev, 64, 1000); t1 = now();
    if (n == 0 && (stop || t1 - t0 > secs + 10)) break;
    if (t1 - t0 >= secs || (reqsmax && reqs >= reqsmax)) stop = 1;
    for (int i = 0; i < n; i++) {
      Conn *c = &conns[ev[i].data.u32];
      if (ev[i].events & EPOLLIN) for (;;) {
        if (c->incap - c->inlen < 65536) need(&c->in, &c->incap, c->incap * 2);
        ssize_t r = read(c->fd, c->in + c->inlen, c->incap - c->inlen);
        if (r == 0) { fprintf(stderr, "closed by server\n"); return 2; }
        if (r < 0) break;
        c->inlen += r; size_t p = 0;
        while (c->inlen - p >= 4 && c->inlen - p >= 4 + rd32(c->in + p)) { uint32_t l = rd32(c->in + p); frame(c, c->in + p, l, stop); p += 4 + l; }
        memmove(c->in, c->in + p, c->inlen - p); c->inlen -= p;
        if (r < 65536) break;
      }
      if (c->outlen) flushout(c);
      struct epoll_event e = {.events = EPOLLIN | (c->outlen ? EPOLLOUT : 0), .data.u32 = ev[i].data.u32}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
      if (c->done == 1) { c->done = 2; left--; }
      else if (!pulling && stop && c->open == 0 && c->done == 0) { c->done = 2; left--; }
    }
    if (pulling && stop) break;
  }
  double dt = t1 - t0;
  printf("%s %.2fs requests/s=%.0f messages/s=%.0f MB/s=%.1f errors=%ld", v[1], dt, reqs / dt, msgs / dt, bytes / dt / 1e6, errs);
  if (nlat) printf(" latency_us p50=%u p90=%u p99=%u p99.9=%u max=%u", quantile(0.5), quantile(0.9), quantile(0.99), quantile(0.999), latmax);
  struct rusage u; getrusage(RUSAGE_SELF, &u); double cpu = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
  printf(" load_cpu_us=%.3f messages=%ld\n", msgs ? cpu / msgs : 0, msgs); return errs ? 1 : 0;
}
