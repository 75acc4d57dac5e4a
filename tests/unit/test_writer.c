/* The recording thread, what is in flight, and kills at any instant. */
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/flight.h"
#include "core/ledger.h"
#include "core/rng.h"
#include "tests/test.h"

enum { KILLS = 40, MANY = 20000 };

static const char path[] = "writer.db", flight_path[] = "writer.db-inflight";

static void clean(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", ".lock", "-inflight" };
    char name[64];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)remove(name);
    }
}

static struct bf_ledger *open_ledger(bool writer)
{
    struct bf_ledger *l = NULL;
    struct bf_err err = { 0 };
    if (bf_ledger_open(path, &l, &err) != BF_OK ||
        (writer && bf_ledger_writer_start(l, &err) != BF_OK)) {
        printf("# %s\n", err.msg);
        exit(1);
    }
    return l;
}

static void key_of(uint32_t i, uint8_t out[BF_SHA_BYTES])
{
    bf_sha256(&i, sizeof i, out);
}

static int queue(struct bf_ledger *l, uint32_t i, const char *text, struct bf_err *err)
{
    uint8_t key[BF_SHA_BYTES];
    const struct bf_answer a = { .cls = BF_WRONG,
                                 .choice = (int)(i % 4),
                                 .number = NAN,
                                 .text = text,
                                 .n_in = i,
                                 .n_out = 3,
                                 .finish = BF_FINISH_LENGTH,
                                 .n_p = 2,
                                 .p = { 0.75f, 0.25f } };
    key_of(i, key);
    return bf_ledger_queue_answer(l, key, "p", "s", "full", (int)i, &a, err);
}

static int look(struct bf_ledger *l, uint32_t i, struct bf_answer *out, struct bf_arena *a)
{
    uint8_t key[BF_SHA_BYTES];
    key_of(i, key);
    return bf_ledger_answer(l, key, out, a, NULL);
}

/* How many of from .. to - 1 are there. */
static uint32_t count_of(struct bf_ledger *l, uint32_t from, uint32_t to)
{
    struct bf_answer out;
    struct bf_arena a = { 0 };
    uint32_t there = 0;
    for (uint32_t i = from; i < to; i++) {
        there += look(l, i, &out, &a) == BF_OK;
        bf_arena_reset(&a);
    }
    return there;
}

static uint64_t lost_of(struct bf_ledger *l)
{
    uint64_t lost = 999;
    CHECK_INT(bf_ledger_lost(l, &lost, NULL), BF_OK);
    return lost;
}

static void what_is_queued_is_recorded_whole(void)
{
    struct bf_arena a = { 0 };
    struct bf_answer out;
    clean();
    struct bf_ledger *l = open_ledger(true);
    CHECK_INT(queue(l, 7, "a reply", NULL), BF_OK);
    CHECK_INT(queue(l, 8, NULL, NULL), BF_OK);
    CHECK_INT(bf_ledger_flush(l, NULL), BF_OK);
    CHECK_INT(bf_ledger_n_queued(l), 0);
    CHECK_INT(look(l, 7, &out, &a), BF_OK);
    CHECK_INT(out.cls, BF_WRONG);
    CHECK_INT(out.choice, 3);
    CHECK_STR(out.text, "a reply");
    CHECK(isnan(out.number));
    CHECK_INT(out.n_in, 7);
    CHECK_INT(out.n_out, 3);
    CHECK_INT(out.finish, BF_FINISH_LENGTH);
    CHECK_INT(out.n_p, 2);
    CHECK(out.p[0] == 0.75f);
    CHECK_INT(look(l, 8, &out, &a), BF_OK);
    CHECK(out.text == NULL);
    CHECK_INT(look(l, 9, &out, &a), BF_END);
    bf_ledger_close(l);
    CHECK(!bf_file_exists(flight_path));
    bf_arena_reset(&a);
    clean();
}

static void closing_records_what_is_queued(void)
{
    clean();
    struct bf_ledger *l = open_ledger(true);
    for (uint32_t i = 0; i < 20000; i++) /* more than may wait at a time */
        CHECK_INT(queue(l, i, "x", NULL), BF_OK);
    bf_ledger_close(l);
    l = open_ledger(false);
    CHECK_INT(count_of(l, 0, 20001), 20000);
    bf_ledger_close(l);
    clean();
}

static void a_reply_larger_than_the_queue_is_recorded(void)
{
    struct bf_arena a = { 0 };
    struct bf_answer out = { 0 };
    const size_t n = (size_t)BF_FLIGHT_HALF + 100;
    char *text = malloc(n + 1);
    clean();
    struct bf_ledger *l = open_ledger(true);
    memset(text, 'y', n);
    text[n] = '\0';
    CHECK_INT(queue(l, 1, text, NULL), BF_OK);
    text[n / 4] = '\0'; /* these fill a half after a few */
    for (uint32_t i = 2; i < 12; i++)
        CHECK_INT(queue(l, i, text, NULL), BF_OK);
    CHECK_INT(bf_ledger_flush(l, NULL), BF_OK);
    CHECK_INT(look(l, 1, &out, &a), BF_OK);
    CHECK_INT(out.text ? strlen(out.text) : 0, n);
    CHECK_INT(look(l, 11, &out, &a), BF_OK);
    CHECK_INT(out.text ? strlen(out.text) : 0, n / 4);
    bf_ledger_close(l);
    free(text);
    bf_arena_reset(&a);
    clean();
}

static void the_descriptor_wakes_whoever_waits(void)
{
    clean();
    struct bf_ledger *l = open_ledger(true);
    struct pollfd p = { .fd = bf_ledger_wake_fd(l), .events = POLLIN };
    CHECK_INT(poll(&p, 1, 0), 0);
    for (uint32_t i = 0; i < 100; i++) {
        CHECK_INT(queue(l, i, "x", NULL), BF_OK);
        while (bf_ledger_n_queued(l)) {
            if (poll(&p, 1, 5000) != 1) {
                CHECK(false); /* it is woken within five seconds */
                break;
            }
            CHECK_INT(bf_ledger_woken(l, NULL), BF_OK);
        }
    }
    /* The last commit may have been seen before its byte. */
    while (poll(&p, 1, 100) == 1)
        CHECK_INT(bf_ledger_woken(l, NULL), BF_OK);
    bf_ledger_close(l);
    clean();
}

/* Look-ups, puts and transactions of the calling thread go on while the other one writes. */
static void all_else_works_meanwhile(void)
{
    struct bf_arena a = { 0 };
    struct bf_answer out, in = { .choice = 2, .number = NAN };
    const void *value;
    size_t n;
    uint8_t key[BF_SHA_BYTES];
    uint32_t wrong = 0;
    clean();
    struct bf_ledger *l = open_ledger(true);
    for (uint32_t i = 0; i < MANY; i++) {
        wrong += queue(l, i, "x", NULL) != BF_OK;
        if (i % 100 == 0) {
            key_of(MANY + i, key);
            wrong += bf_ledger_put_answer(l, key, "p", "s", "c", 0, &in, NULL) != BF_OK;
            wrong += look(l, MANY + i, &out, &a) != BF_OK;
            wrong += bf_ledger_put(l, "k", key, &i, sizeof i, NULL) != BF_OK;
            wrong += look(l, 3 * MANY, &out, &a) != BF_END;
        }
        if (i % 1000 == 0) {
            wrong += bf_ledger_begin(l, NULL) != BF_OK;
            key_of(2 * MANY + i, key);
            wrong += bf_ledger_put(l, "k", key, &i, sizeof i, NULL) != BF_OK;
            wrong += queue(l, 2 * MANY + i, "within", NULL) != BF_OK;
            wrong += bf_ledger_commit(l, NULL) != BF_OK;
            wrong += bf_ledger_get(l, "k", key, &value, &n, &a, NULL) != BF_OK;
            wrong += look(l, 2 * MANY + i, &out, &a) != BF_OK;
        }
        bf_arena_reset(&a);
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(bf_ledger_flush(l, NULL), BF_OK);
    CHECK_INT(count_of(l, 0, MANY), MANY);
    bf_ledger_close(l);
    clean();
}

/* A child that is gone without closing anything. */
static void in_child(void (*work)(struct bf_ledger *l))
{
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        work(open_ledger(true));
        raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void send(struct bf_ledger *l, uint32_t i)
{
    uint8_t key[BF_SHA_BYTES];
    key_of(i, key);
    bf_ledger_sent(l, key);
}

static void send_ten(struct bf_ledger *l)
{
    uint8_t key[BF_SHA_BYTES];
    const struct bf_answer a = { .number = NAN };
    for (uint32_t i = 0; i < 10; i++)
        send(l, i);
    send(l, 3); /* again: one request in flight all the same */
    key_of(0, key);
    bf_ledger_gave_up(l, key);
    (void)queue(l, 1, "x", NULL); /* not committed perhaps, but not lost either */
    key_of(2, key);
    (void)bf_ledger_put_answer(l, key, "p", "s", "c", 0, &a, NULL);
    (void)bf_ledger_begin(l, NULL);
    key_of(3, key);
    (void)bf_ledger_put_answer(l, key, "p", "s", "c", 0, &a, NULL);
    (void)bf_ledger_commit(l, NULL);
    (void)bf_ledger_begin(l, NULL);
    key_of(4, key);
    (void)bf_ledger_put_answer(l, key, "p", "s", "c", 0, &a, NULL);
}

static void what_a_kill_cost_is_counted_once(void)
{
    struct bf_answer out;
    struct bf_arena a = { 0 };
    clean();
    in_child(send_ten);
    CHECK(bf_file_exists(flight_path));
    struct bf_ledger *l = open_ledger(false);
    CHECK_INT(lost_of(l), 6); /* 4 .. 9: the transaction of 4 was not committed */
    CHECK_INT(look(l, 1, &out, &a), BF_OK);
    CHECK_INT(look(l, 2, &out, &a), BF_OK);
    CHECK_INT(look(l, 3, &out, &a), BF_OK);
    CHECK_INT(look(l, 4, &out, &a), BF_END);
    bf_ledger_close(l);
    CHECK(!bf_file_exists(flight_path));
    l = open_ledger(true);
    CHECK_INT(lost_of(l), 6);
    bf_ledger_close(l);
    bf_arena_reset(&a);
    clean();
}

/* A kill between counting and taking the file away must not count twice. */
static void a_file_already_counted_is_not_counted_again(void)
{
    struct bf_arena a = { 0 };
    char *bytes;
    size_t n;
    clean();
    in_child(send_ten);
    CHECK_INT(bf_file_read(flight_path, 64 << 20, &bytes, &n, &a, NULL), BF_OK);
    bf_ledger_close(open_ledger(false));
    CHECK_INT(bf_file_write(flight_path, bytes, n, NULL), BF_OK);
    struct bf_ledger *l = open_ledger(false);
    CHECK_INT(lost_of(l), 6);
    bf_ledger_close(l);
    CHECK(!bf_file_exists(flight_path));
    bf_arena_reset(&a);
    clean();
}

static void a_damaged_file_is_made_anew(void)
{
    static const size_t sizes[] = { 0, 100, 300000 };
    struct bf_arena a = { 0 };
    char *bytes;
    size_t n = 0;
    clean();
    in_child(send_ten);
    CHECK_INT(bf_file_read(flight_path, 64 << 20, &bytes, &n, &a, NULL), BF_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CHECK_INT(bf_file_write(flight_path, bytes, sizes[i], NULL), BF_OK);
        bf_ledger_close(open_ledger(true));
        CHECK(!bf_file_exists(flight_path));
    }
    char *changed = bf_arena_memdup(&a, bytes, n);
    memset(changed, 0xff, n);
    CHECK_INT(bf_file_write(flight_path, changed, n, NULL), BF_OK);
    bf_ledger_close(open_ledger(true));
    struct bf_ledger *l = open_ledger(false);
    CHECK_INT(lost_of(l), 0);
    bf_ledger_close(l);
    bf_arena_reset(&a);
    clean();
}

/* Any byte of a half may be wrong: what is read from it is whole, or not read. */
static void records_that_were_changed_are_left_out(void)
{
    struct bf_arena a = { 0 };
    struct bf_flight *f = NULL;
    struct bf_flight_left left;
    const uint8_t key[BF_SHA_BYTES] = { 1 };
    const struct bf_db_answer row = { .key = key,
                                      .probe = "p",
                                      .sample = "s",
                                      .condition = "c",
                                      .answer = { .text = "reply", .n_p = 1, .p = { 1 } } };
    char *bytes;
    size_t n = 0;
    clean();
    CHECK_INT(bf_flight_make(flight_path, 5, &f, NULL), BF_OK);
    CHECK(bf_flight_put(f, 0, &row));
    CHECK(bf_flight_put(f, 0, &row));
    bf_flight_close(f);
    CHECK_INT(bf_file_read(flight_path, 64 << 20, &bytes, &n, &a, NULL), BF_OK);
    CHECK_INT(bf_flight_read(flight_path, &left, &a, NULL), BF_OK);
    CHECK_INT(left.session, 5);
    CHECK_INT(left.n_answers, 2);
    CHECK_STR(left.answers[1].answer.text, "reply");

    const size_t from = n - 2 * ((size_t)BF_FLIGHT_HALF + 8), size = bf_flight_size(&row);
    for (size_t i = from + 8; i < from + 8 + size; i++) {
        struct bf_arena mine = { 0 };
        bytes[i] = (char)~bytes[i];
        CHECK_INT(bf_file_write(flight_path, bytes, n, NULL), BF_OK);
        CHECK_INT(bf_flight_read(flight_path, &left, &mine, NULL), BF_OK);
        CHECK_INT(left.n_answers, 0);
        bytes[i] = (char)~bytes[i];
        bf_arena_reset(&mine);
    }
    bf_arena_reset(&a);
    clean();
}

static void more_than_are_remembered_do_no_harm(void)
{
    clean();
    struct bf_ledger *l = open_ledger(true);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < BF_LEDGER_IN_FLIGHT + 100; i++)
            send(l, i);
        for (uint32_t i = 0; i < BF_LEDGER_IN_FLIGHT + 100; i++) {
            uint8_t key[BF_SHA_BYTES];
            key_of(i, key);
            bf_ledger_gave_up(l, key);
        }
    }
    bf_ledger_close(l);
    CHECK(!bf_file_exists(flight_path));
    l = open_ledger(false);
    CHECK_INT(lost_of(l), 0);
    bf_ledger_close(l);
    clean();
}

/* What a child did, where its kill does not reach. */
struct seen {
    volatile uint32_t n_sent, n_queued, n_recorded;
};

enum { IN_FLIGHT = 64 };

/* Requests go out and answers come back until the kill comes. */
static void ask(struct seen *s)
{
    struct bf_ledger *l = open_ledger(true);
    for (uint32_t i = s->n_queued;; i++) {
        while (s->n_sent < i + IN_FLIGHT)
            send(l, s->n_sent++);
        if (queue(l, i, "a reply", NULL) != BF_OK)
            _exit(1);
        s->n_queued = i + 1;
        s->n_recorded = i + 1 - bf_ledger_n_queued(l);
    }
}

static struct seen *map_seen(void)
{
    const int fd = open("writer.seen", O_RDWR | O_CREAT | O_TRUNC, 0666);
    struct seen *s = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, sizeof *s) == 0)
        s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    (void)remove("writer.seen");
    return s;
}

/* One child killed after `ns`; how many requests it lost. */
static uint64_t kill_after(struct seen *s, long ns, uint64_t lost)
{
    const uint32_t start = s->n_queued;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0)
        ask(s);
    const struct timespec t = { 0, ns };
    nanosleep(&t, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);

    struct bf_ledger *l = open_ledger(false);
    const uint32_t there = start + count_of(l, start, s->n_sent + 10);
    CHECK(there >= s->n_recorded);
    CHECK(there >= s->n_queued); /* a kill takes not even what was only queued */
    CHECK(there <= s->n_queued + 1);
    const uint64_t more = lost_of(l) - lost;
    CHECK(more <= s->n_sent + 1 - there);
    bf_ledger_close(l);
    s->n_queued = s->n_sent = s->n_recorded = there; /* those in flight are asked again */
    return more;
}

static void kills_lose_nothing_recorded(void)
{
    struct seen *s = map_seen();
    struct bf_rng rng = bf_rng_for(1, "", "kills", 0);
    uint64_t lost = 0, repeated = 0, stored = 0;
    clean();
    CHECK(s != MAP_FAILED);
    if (s == MAP_FAILED)
        return;
    for (int k = 0; k < KILLS; k++)
        lost += kill_after(s, (long)(bf_rng_unit(&rng) * 30e6), lost);
    struct bf_ledger *l = open_ledger(false);
    CHECK_INT(count_of(l, 0, s->n_queued), s->n_queued);
    CHECK_INT(bf_ledger_counts(l, &stored, &repeated, NULL), BF_OK);
    CHECK_INT(stored, s->n_queued);
    CHECK_INT(repeated, 0);
    printf("# %llu answers recorded over %d kills, %llu requests lost in flight\n",
           (unsigned long long)stored, KILLS, (unsigned long long)lost);
    bf_ledger_close(l);
    (void)munmap(s, sizeof *s);
    clean();
}

/* Another program that holds the file for writing is what a full disk is: a commit that fails. */
static void a_failed_write_is_told_and_loses_nothing(void)
{
    struct bf_err err = { 0 };
    struct bf_ledger *l = NULL;
    clean();
    l = open_ledger(true);
    CHECK_INT(queue(l, 0, "x", NULL), BF_OK);
    CHECK_INT(bf_ledger_flush(l, NULL), BF_OK);
    sqlite3 *db = NULL;
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, "DROP INDEX answers_key; ALTER TABLE answers RENAME TO gone", NULL,
                           NULL, NULL),
              SQLITE_OK);
    CHECK_INT(queue(l, 1, "x", NULL), BF_OK);
    struct pollfd p = { .fd = bf_ledger_wake_fd(l), .events = POLLIN };
    CHECK_INT(bf_ledger_flush(l, &err), BF_EIO);
    CHECK_STR(err.msg, "ledger 'writer.db': no such table: answers");
    CHECK_INT(poll(&p, 1, 1000), 1);
    CHECK_INT(bf_ledger_woken(l, &err), BF_EIO);
    CHECK_INT(queue(l, 2, "x", &err), BF_EIO);
    CHECK_STR(err.msg, "ledger 'writer.db': no such table: answers");
    CHECK_INT(bf_ledger_n_queued(l), 2);
    bf_ledger_close(l);
    CHECK(bf_file_exists(flight_path));
    CHECK_INT(sqlite3_exec(db,
                           "ALTER TABLE gone RENAME TO answers;"
                           "CREATE UNIQUE INDEX answers_key ON answers(key)",
                           NULL, NULL, NULL),
              SQLITE_OK);
    sqlite3_close(db);
    l = open_ledger(false);
    CHECK_INT(count_of(l, 0, 3), 3);
    CHECK_INT(lost_of(l), 0);
    bf_ledger_close(l);
    clean();
}

TEST_MAIN(TEST(what_is_queued_is_recorded_whole), TEST(closing_records_what_is_queued),
          TEST(a_reply_larger_than_the_queue_is_recorded), TEST(the_descriptor_wakes_whoever_waits),
          TEST(all_else_works_meanwhile), TEST(what_a_kill_cost_is_counted_once),
          TEST(a_file_already_counted_is_not_counted_again), TEST(a_damaged_file_is_made_anew),
          TEST(records_that_were_changed_are_left_out), TEST(more_than_are_remembered_do_no_harm),
          TEST(kills_lose_nothing_recorded), TEST(a_failed_write_is_told_and_loses_nothing))
