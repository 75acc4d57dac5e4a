/* Specs: probes, what they are asked and may cost, and their judge. */
#include <math.h>
#include <unistd.h>

#include "tests/unit/spec_maker.h"

static void faults_of_asking_are_named(void)
{
    static const struct bad bad[] = {
        { HEAD "probes:\n  - {name: a, kind: builtin, orders: circular, role: judge}\n"
               "  - {name: b, kind: answers, path: seen.jsonl, orders: cirular,\n"
               "     under: [full, blnd, without_imag]}\n"
               "  - {name: c, kind: builtin, orders: fixed, under: []}\n"
               "  - {name: d, kind: builtin, under: {a: b}}\n",
          "5:38: 'orders' is 'circular'; allowed: fixed, since 'builtin' answers alike in every "
          "order\n"
          "5:54: 'role' is 'judge'; allowed: voter, held_out, since 'builtin' cannot be shown a "
          "reply\n"
          "6:56: 'orders' is 'cirular'; did you mean 'circular'? allowed: one of fixed, circular, "
          "shuffled, all\n"
          "7:20: unknown condition 'blnd'; did you mean 'blind'? allowed: full, without_image, "
          "without_video, without_audio, without_tactile, blind\n"
          "7:26: unknown condition 'without_imag'; did you mean 'without_image'? allowed: ...\n"
          "8:52: 'under' is an empty list; allowed: one condition or more\n"
          "9:37: 'under' is a map; allowed: a name or a list of names\n" },
        /* A condition that was complained of may be the one that is meant. */
        { HEAD "conditions: [full, {w: {replace: {image: whit}}}]\n"
               "probes: [{name: a, kind: builtin, under: w}]\n",
          "4:42: unknown operator 'whit'; did you mean 'white'? allowed: ...\n" },
        { HEAD "ask: enogh\nprices: [1]\nspend: 5\njudge: seen\n",
          "4:6: 'ask' is 'enogh'; did you mean 'enough'? allowed: one of everything, enough\n"
          "5:9: 'prices' is a list; allowed: a map from models to prices, such as {gpt-4o-mini: "
          "{input: 0.15, output: 0.6}}\n"
          "6:8: 'spend' is '5'; allowed: a map such as {requests: 10000, tokens: 2e6, money: 5}\n"
          "7:8: 'judge' is 'seen'; allowed: a map such as {probe: NAME, labels: labels.jsonl}\n" },
        { HEAD "prices:\n  a: {input: -1, output: x, cached: 1}\n  b: 3\n  c: {input: 1}\n"
               "  d: {}\n  '': {input: 1, output: 1}\n  e: {input: [1], output: 1e999}\n"
               "  a: {input: 1, output: 1}\n",
          "5:14: 'input' is '-1'; allowed: a number, 0 or more (for a million tokens)\n"
          "5:26: 'output' is 'x'; allowed: a number, 0 or more (for a million tokens)\n"
          "5:29: unknown key 'cached'; allowed: input, output\n"
          "6:6: 'b' is '3'; allowed: a map such as {input: 0.15, output: 0.6}\n"
          "7:3: 'output' of the price of 'c' is missing; allowed: a number, 0 or more (for a "
          "million tokens)\n"
          "8:6: 'd' is an empty map; allowed: a map such as {input: 0.15, output: 0.6}\n"
          "9:3: a model of 'prices' has no name\n"
          "10:14: 'input' is a list; allowed: ...\n"
          "10:27: 'output' is '1e999'; allowed: ...\n"
          "11:3: 'a' stands twice; the first is at 5:3\n" },
        { HEAD "spend: {requests: 0, tokens: 1.5, money: 0, hours: 2}\n",
          "4:19: 'requests' is '0'; allowed: a whole number, 1 or more\n"
          "4:30: 'tokens' is '1.5'; allowed: a whole number, 1 or more\n"
          "4:42: 'money' is '0'; allowed: a number above 0, in the currency of 'prices'\n"
          "4:45: unknown key 'hours'; allowed: requests, tokens, money\n" },
        { HEAD "probes: [{name: stat, kind: builtin}]\njudge: {labels: none.jsonl, prob: stat}\n",
          "5:8: 'probe' of 'judge' is missing; allowed: a probe with 'role: judge'\n"
          "5:17: 'labels': cannot open 'none.jsonl': No such file or directory\n"
          "5:29: unknown key 'prob'; did you mean 'probe'? allowed: probe, labels\n" },
        { HEAD "probes: [{name: stat, kind: builtin}]\njudge: {probe: stat, labels: .}\n",
          "5:16: probe 'stat' is no judge; allowed: a probe with 'role: judge'\n"
          "5:30: 'labels': '.' is a folder; allowed: a file\n" },
        { HEAD "judge: {probe: nobody}\n", "4:16: unknown judge 'nobody'; allowed: none\n" },
        { HEAD "probes: [{name: stat, kind: builtin, under: full}]\nfilters: [answerable]\n",
          "5:11: answerable: probe 'stat' is not asked under 'blind', which its 'under' lacks\n" },
        { HEAD "probes: [{name: stat, kind: builtin, under: full}]\n"
               "filters:\n  - shortcut: {probe: stat}\n"
               "  - where: {score: p_gold.stat.blind, keep: '< 1/2'}\n",
          "6:5: shortcut: probe 'stat' is not asked under 'blind', which its 'under' lacks\n"
          "7:5: where: no score of this spec makes a column 'p_gold.stat.blind'\n" },
    };
    complain_of_each(bad, sizeof bad / sizeof *bad);
}

#define CHAT    "kind: chat, url: 'http://127.0.0.1:1/v1', "
#define NO_CHAT "no probe of kind chat here"

static bool has_chat(void)
{
    return bf_op_find(BF_OPS(bf_probes), "chat") != NULL;
}

static const char models[] =
    HEAD "probes:\n"
         "  - {name: q, " CHAT "model: qwen/q, trials: 10}\n"
         "  - {name: r, " CHAT "model: r, orders: all, role: held_out, under: blind}\n"
         "  - {name: j, " CHAT "model: qwen/q, role: judge}\n"
         "judge: {probe: j, labels: seen.jsonl}\n"
         "prices: {qwen/q: {input: 0.15, output: 0.6}, r: {input: 0, output: 0}}\n"
         "spend: {requests: 10000, tokens: 2e6, money: 5}\n"
         "filters: [answerable]\n";

static void models_and_their_judge_are_read(void)
{
    if (!has_chat())
        TEST_SKIP(NO_CHAT);
    make_dir();
    CHECK_INT(read_bytes(models, sizeof models - 1), BF_OK);
    for (int i = 0; i < complaints.n; i++)
        printf("# %d:%d: %s\n", complaints.v[i].line, complaints.v[i].col, complaints.v[i].text);
    CHECK_INT(spec.n_probes, 3);
    CHECK_INT(spec.probes[0].orders, BF_ORDER_CIRCULAR);
    CHECK_INT(spec.probes[1].orders, BF_ORDER_ALL);
    CHECK_INT(spec.probes[2].orders, BF_ORDER_FIXED);
    CHECK(bf_probe_votes(&spec.probes[0]));
    CHECK(!bf_probe_votes(&spec.probes[1]) && !bf_probe_votes(&spec.probes[2]));
    CHECK(spec.probes[2].judge && !bf_probe_is_asked(&spec.probes[2], "full"));
    CHECK_INT(spec.judge.probe, 2);
    CHECK_STR(spec.judge.shown, "seen.jsonl");
    CHECK(strncmp(spec.judge.labels, dir, strlen(dir)) == 0);
    CHECK(!spec.ask_everything); /* the default where there are filters */
    struct bf_buf one = { 0 }, two = { 0 };
    bf_spec_print(&spec, &one);
    bf_spec_done(&spec);
    CHECK_INT(read_bytes(one.data, one.len), BF_OK);
    CHECK_INT(spec.judge.probe, 2);
    bf_spec_print(&spec, &two);
    CHECK_STR(two.data, one.data);
    bf_buf_done(&one);
    bf_buf_done(&two);
    done();
}

static void faults_of_models_and_judges_are_named(void)
{
    static const struct bad bad[] = {
        { HEAD "probes:\n  - {name: q, " CHAT "model: m}\n"
               "  - {name: j, " CHAT "model: m, role: judge}\n"
               "prices: {n: {input: 1, output: 1}}\nspend: {money: 1}\n",
          "6:5: probe 'j' has 'role: judge', but 'judge' is missing\n"
          "8:16: 'money' cannot limit probe 'q': 'prices' has none for model 'm'\n"
          "8:16: 'money' cannot limit probe 'j': 'prices' has none for model 'm'\n" },
        { HEAD "probes:\n  - {name: q, " CHAT "model: m, role: judge, trials: 2, under: full}\n"
               "  - {name: j, " CHAT "model: m, role: judge}\n"
               "judge: {probe: j}\nfilters:\n  - answerable: {voters: q}\n  - answerable\n",
          "5:5: probe 'q' has 'role: judge', but 'judge' names another\n"
          "5:88: 'trials' is '2'; allowed: 1 for a judge, which is asked once about each reply\n"
          "5:98: 'under' of a judge means nothing; it is shown replies alone\n"
          "9:5: answerable: probe 'q' is a judge, so it takes no part in filters\n"
          "10:5: answerable: nobody votes, since every probe is held out or a judge\n" },
        { HEAD "probes:\n  - {name: jane, " CHAT "model: m, role: judge}\n"
               "judge: {probe: jan}\n",
          "6:16: unknown judge 'jan'; did you mean 'jane'? allowed: jane\n" },
    };
    if (has_chat())
        complain_of_each(bad, sizeof bad / sizeof *bad);
    else
        TEST_SKIP(NO_CHAT);
}

TEST_MAIN(TEST(faults_of_asking_are_named), TEST(models_and_their_judge_are_read),
          TEST(faults_of_models_and_judges_are_named))
