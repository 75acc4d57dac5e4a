/* Specs: what they mean, every complaint with its place, and printing that reads back. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/view.h"
#include "tests/unit/spec_maker.h"

static void defaults_are_filled_in(void)
{
    make_dir();
    CHECK_INT(read_bytes(HEAD, sizeof HEAD - 1), BF_OK);
    CHECK_STR(spec.name, "s");
    CHECK_INT(spec.seed, 1);
    CHECK_INT(spec.needs, BF_NEEDS_ANY);
    CHECK(!spec.undecided_keep && !spec.damaged_keep && !spec.balance.on && !spec.emit.on);
    CHECK_INT(spec.n_pools, 1);
    CHECK_STR(spec.pools[0].reader->op.name, "jsonl");
    CHECK_STR(spec.pools[0].shown, "pool.jsonl");
    CHECK(strncmp(spec.pools[0].path, dir, strlen(dir)) == 0);
    CHECK_STR(spec.pools[0].f_licence, "licence");
    CHECK_STR(spec.modalities[0].name, "image");
    CHECK_INT(bf_spec_modality(&spec, "tactile"), 3);
    CHECK_INT(bf_spec_modality(&spec, "smell"), -1);
    CHECK_INT(spec.target, (1 << spec.n_modalities) - 1);
    CHECK_INT(spec.target_names.n, spec.n_modalities);
    CHECK_INT(spec.n_conditions, 3);
    CHECK_INT(spec.conditions[1].kind, BF_COND_WITHOUT_EACH);
    CHECK_INT(spec.n_probes, 0);
    CHECK_INT(spec.n_filters, 0);
    CHECK_STR(spec.scores[0]->op.name, "accuracy");
    CHECK(spec.ask_everything); /* no filter, no verdict that could stand early */
    CHECK_INT(spec.n_prices, 0);
    CHECK(spec.spend.requests <= 0 && spec.spend.tokens <= 0 && spec.spend.money <= 0);
    CHECK_INT(spec.judge.probe, -1);
    done();
}

static const char whole[] =
    "blindfold: 1\n"
    "name: four_senses\n"
    "seed: 20261121\n"
    "target: [image, thermal]\n"
    "needs: each\n"
    "undecided: keep\n"
    "damaged: keep\n"
    "pool:\n"
    "  - {format: jsonl, path: pool.jsonl, fields: {question: prompt}}\n"
    "  - path: ./pool.jsonl\n"
    "modalities:\n"
    "  tactile: {present: table, rate: 1 kHz}\n"
    "  thermal: {carrier: raster}\n"
    "  imu: {carrier: trace, rate: 50}\n"
    "conditions:\n"
    "  - full\n"
    "  - every_subset\n"
    "  - blind\n"
    "  - white: {replace: {image: white}, only: image}\n"
    "  - noisy: {replace: {thermal: {noise: {lo: 3, hi: 9}}, question: drop, choices: drop},\n"
    "            only: [image, thermal]}\n"
    "  - image_only: {replace: {question: \"Look, then: \\\"answer\\\"\"}}\n"
    "probes:\n"
    "  - {name: stat, kind: builtin, folds: 3}\n"
    "  - {name: seen, kind: answers, path: seen.jsonl, role: held_out, family: gpt, trials: 2,\n"
    "     under: [full, blind], base: stat}\n"
    "ask: enough\n"
    "prices: {'qwen/q: 7b': {input: 0.15, output: 0.6}, free: {input: 0, output: 0}}\n"
    "spend: {tokens: 2e6, money: 0.5}\n"
    "scores: [contribution]\n"
    "filters:\n"
    "  - answerable: {right: '> 1/3', voters: stat}\n"
    "  - answerable\n"
    "  - shortcut: {probe: stat, above: 3/4}\n"
    "balance: {size: 20, equal: [category, answer], prefer: {contribution: target}}\n"
    "emit:\n"
    "  to: build/x\n"
    "  card: {licence: cc0, authors: [A. Name, B], url: 'http://x/y'}\n";

static void a_whole_spec_is_read(void)
{
    make_dir();
    CHECK_INT(read_bytes(whole, sizeof whole - 1), BF_OK);
    for (int i = 0; i < complaints.n; i++)
        printf("# %d:%d: %s\n", complaints.v[i].line, complaints.v[i].col, complaints.v[i].text);
    int thermal = bf_spec_modality(&spec, "thermal"), imu = bf_spec_modality(&spec, "imu");
    CHECK_INT(thermal, 4);
    CHECK_INT(imu, 5);
    CHECK(spec.modalities[imu].declared && !spec.modalities[3].declared);
    CHECK_STR(spec.modalities[imu].base->op.name, "tactile");
    CHECK(spec.modalities[imu].priv != spec.modalities[3].priv);
    CHECK_INT(spec.target, 1 | 16);
    CHECK_INT(spec.seed, 20261121);
    CHECK_INT(spec.needs, BF_NEEDS_EACH);
    CHECK(spec.undecided_keep && spec.damaged_keep);
    CHECK_INT(spec.n_pools, 2);
    CHECK_STR(spec.pools[0].f_question, "prompt");
    CHECK_STR(spec.pools[1].f_question, "question");
    CHECK_INT(spec.n_conditions, 6);
    CHECK_STR(spec.conditions[3].name, "white");
    CHECK_INT(spec.conditions[3].only, 1);
    CHECK_STR(spec.conditions[3].replaces[0].op->op.name, "white");
    CHECK_INT(spec.conditions[4].n_replaces, 3);
    CHECK_INT(spec.conditions[4].only, 1 | 16);
    CHECK_INT(spec.conditions[4].replaces[1].modality, BF_QUESTION);
    CHECK_STR(spec.conditions[4].replaces[1].op->op.name, "drop");
    CHECK_INT(spec.conditions[4].replaces[2].modality, BF_CHOICES_TEXT);
    CHECK_STR(spec.conditions[5].replaces[0].words, "Look, then: \"answer\"");
    CHECK_INT(spec.n_probes, 2);
    CHECK(!spec.probes[0].held_out && spec.probes[1].held_out);
    CHECK_STR(spec.probes[0].family, "stat");
    CHECK_INT(spec.probes[1].trials, 2);
    CHECK_INT(spec.probes[1].line, 25);
    CHECK_INT(spec.probes[0].orders, BF_ORDER_FIXED);
    CHECK_INT(spec.probes[1].under.n, 2);
    CHECK(bf_probe_is_asked(&spec.probes[1], "blind"));
    CHECK(!bf_probe_is_asked(&spec.probes[1], "white"));
    CHECK(bf_probe_is_asked(&spec.probes[0], "white"));
    CHECK(!spec.ask_everything);
    CHECK_INT(spec.n_prices, 2);
    CHECK_STR(spec.prices[0].model, "qwen/q: 7b");
    CHECK(fabs(bf_spec_price(&spec, "free")->output) < 1e-12);
    CHECK(fabs(bf_spec_price(&spec, "qwen/q: 7b")->input - 0.15) < 1e-12);
    CHECK(bf_spec_price(&spec, "other") == NULL);
    CHECK(fabs(spec.spend.tokens - 2e6) < 1e-12);
    CHECK(fabs(spec.spend.money - 0.5) < 1e-12);
    CHECK(spec.spend.requests <= 0);
    CHECK_INT(spec.n_scores, 1);
    CHECK_INT(spec.n_filters, 3);
    CHECK_INT(spec.filters[2].line, 34);
    CHECK_INT(spec.balance.size, 20);
    CHECK_STR(spec.balance.equal.v[1], "answer");
    CHECK_STR(spec.balance.prefer, "contribution.target");
    CHECK_STR(spec.emit.to, "build/x");
    CHECK_INT(spec.emit.n_formats, 1);
    CHECK_STR(spec.emit.card_licence, "cc0");
    CHECK_STR(spec.emit.card_authors.v[0], "A. Name");
    done();
}

static const char graded[] =
    HEAD "conditions:\n"
         "  - fading: {replace: {image: {noise: {kind: gaussian}}, audio: silence}, only: image,\n"
         "             severity: [0.25, 1, 1/2]}\n"
         "  - dim: {replace: {image: blur, question: word_shuffle}, severity: 0.5}\n"
         "  - other: {replace: {question: {swap: {of: any}}, image: {swap: {round: 2}}}}\n"
         "  - plain: {replace: {question: {words: {say: \"Look.\"}}}}\n"
         "probes: [{name: stat, kind: builtin, under: [fading_0.25, dim_0.5]}]\n";

/* One written condition stands for as many as it has severities. */
static void severities_are_conditions(void)
{
    static const char *const names[] = { "fading_0.25", "fading_1", "fading_0.5",
                                         "dim_0.5",     "other",    "plain" };
    static const double severities[] = { 0.25, 1, 0.5, 0.5 };
    make_dir();
    CHECK_INT(read_bytes(graded, sizeof graded - 1), BF_OK);
    CHECK_INT(spec.n_conditions, 6);
    for (int i = 0; i < 6 && i < spec.n_conditions; i++) {
        CHECK_STR(spec.conditions[i].name, names[i]);
        CHECK(bf_condition_known(&spec, names[i]));
        if (i >= 4)
            continue;
        const struct bf_replace *r = &spec.conditions[i].replaces[0];
        double severity = 0;
        memcpy(&severity, (const char *)r->priv + bf_opt_find(r->op->op.opts, "severity")->offset,
               sizeof severity);
        CHECK(fabs(severity - severities[i]) < 1e-12);
        CHECK(fabs(spec.conditions[i].severity - severities[i]) < 1e-12);
        CHECK((spec.conditions[i].only == 0) == (i == 3));
    }
    CHECK(!bf_condition_known(&spec, "fading"));
    CHECK(!bf_condition_known(&spec, "fading_0.75"));
    done();
}

static const char parted[] =
    "blindfold: 1\nname: s\nmodalities: {no: {carrier: raster}}\n"
    "pool: {path: pool.jsonl, fields: {image: image_*, no: n}}\n"
    "conditions:\n"
    "  - one: {replace: {image.2: white, image: drop, all: swap, no.1: {noise: {lo: 5}}},\n"
    "         only: [image.2, no, image.1]}\n"
    "  - every_subset: {over: [choices, question, no, image.2, image.1]}\n"
    "  - every_subset: {over: [image]}\n"
    "  - every_subset\n"
    "probes: [{name: stat, kind: builtin, under: [without_image.2+question]}]\n";

static void conditions_speak_of_parts(void)
{
    make_dir();
    CHECK_INT(read_bytes(parted, sizeof parted - 1), BF_OK);
    CHECK_INT(spec.n_conditions, 4);
    const struct bf_condition_spec *c = spec.conditions;
    CHECK_INT(c[0].n_replaces, 4);
    CHECK_INT(c[0].replaces[0].number, 2);
    CHECK_INT(c[0].replaces[1].number, 0);
    CHECK_INT(c[0].replaces[2].modality, BF_EVERY_MODALITY);
    CHECK_INT(c[0].n_only_parts, 2);
    CHECK_INT(c[0].only_parts[0].number, 2);
    CHECK_INT(c[0].only, BF_BIT(4));
    CHECK_INT(c[1].kind, BF_COND_EVERY_SUBSET);
    CHECK_INT(c[1].n_replaces, 5);
    CHECK_INT(c[1].replaces[1].number, 2); /* in one order, whatever that of the list */
    CHECK_INT(c[1].replaces[4].modality, BF_CHOICES_TEXT);
    CHECK_INT(c[3].n_replaces, 0);
    CHECK_STR(spec.pools[0].f_modality[0], "image_*");
    CHECK(spec.pools[0].f_modality[1] == NULL);
    done();
}

static void what_is_printed_reads_back(void)
{
    static const char *const specs[] = { HEAD, whole, graded, parted,
                                         HEAD "emit:\nbalance:\nscores: []\n" };
    make_dir();
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct bf_buf one = { 0 }, two = { 0 };
        CHECK_INT(read_bytes(specs[i], strlen(specs[i])), BF_OK);
        bf_spec_print(&spec, &one);
        bf_spec_done(&spec);
        CHECK_INT(read_bytes(one.data, one.len), BF_OK);
        for (int k = 0; k < complaints.n; k++)
            printf("# %d:%d: %s\n", complaints.v[k].line, complaints.v[k].col,
                   complaints.v[k].text);
        CHECK_INT(spec.n_pools, i == 1 ? 2 : 1);
        bf_spec_print(&spec, &two);
        CHECK_STR(two.data, one.data);
        CHECK(strstr(one.data, dir) == NULL); /* paths as they were written */
        bf_spec_done(&spec);
        bf_buf_done(&one);
        bf_buf_done(&two);
    }
    done();
}

static void yaml_faults_have_places(void)
{
    static const struct bad bad[] = {
        { "", "1:1: the spec is empty\n" },
        { "# nothing\n", "1:1: the spec is empty\n" },
        { "~\n", "1:1: the spec is empty\n" },
        { "word\n", "1:1: 'the spec' is 'word'; allowed: a map that begins with 'blindfold: 1'\n" },
        { "[]\n",
          "1:1: 'the spec' is an empty list; allowed: a map that begins with 'blindfold: 1'\n" },
        { "blindfold: 1\npool:\n\t- path: x\n",
          "3:1: a tab cannot indent; use spaces (found character that cannot start any token)\n" },
        { "blindfold: 1\nname: [a\n",
          "3:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence that "
          "starts at 2:7\n" },
        { "a: b: c\n", "1:5: not YAML: mapping values are not allowed in this context\n" },
        { "name: \xc3\xa9\nseed: \xff\n", "2:7: byte 0xff is not UTF-8 text; a spec is UTF-8\n" },
        { "name: \"\xc3\xa9\x07\"\n",
          "1:9: character U+0007 cannot stand in YAML (control characters are not allowed)\n" },
        { "a: \"x\\0y\"\n", "1:4: a text holds a NUL character\n" },
        { "a: !!python/object:os.system x\n",
          "1:4: tag 'tag:yaml.org,2002:python/object:os.system' means nothing here; leave it "
          "out\n" },
        { "a: !mine x\n", "1:4: tag '!mine' means nothing here; leave it out\n" },
        { HEAD "---\na: 1\n", "4:1: a second document starts here; a spec is one\n" },
        { "a: &x [*x]\n", "1:8: alias '*x' stands inside what it names\n" },
        { "a: *x\n", "1:4: alias '*x' names nothing above it\n" },
        { HEAD "? [a, b]\n: 1\n", "4:3: a key is a list; allowed: a word\n" },
        { HEAD "seed: 1\nname: t\nseed: 2\n", "5:1: 'name' stands twice; the first is at 2:1\n"
                                              "6:1: 'seed' stands twice; the first is at 4:1\n" },
    };
    complain_of_each(bad, sizeof bad / sizeof *bad);
}

static void top_level_faults_are_all_named(void)
{
    static const struct bad bad[] = {
        { "x: 1\n",
          "1:1: unknown key 'x'; allowed: blindfold, name, seed, target, needs, undecided, "
          "damaged, pool, modalities, conditions, probes, ask, prices, spend, judge, scores, "
          "filters, balance, "
          "emit\n"
          "1:1: 'blindfold' is missing; allowed: 1, the version of this language\n"
          "1:1: 'name' is missing; allowed: 1 to 64 of A-Z, a-z, 0-9, _ and -\n"
          "1:1: 'pool' is missing; allowed: a map such as {format: jsonl, path: pool.jsonl}, or a "
          "list of them\n" },
        { "blindfold: 2\nname: a b\nsed: 3\nseed: [1]\nneeds: al\nundecided: {}\n"
          "pool: {path: pool.jsonl}\n",
          "1:12: 'blindfold' is '2'; allowed: 1, the version of this language\n"
          "2:7: 'name' is 'a b'; allowed: 1 to 64 of A-Z, a-z, 0-9, _ and -\n"
          "3:1: unknown key 'sed'; did you mean 'seed'? allowed: ...\n"
          "4:7: 'seed' is a list; allowed: a whole number, 0 or more\n"
          "5:8: 'needs' is 'al'; allowed: one of any, each\n"
          "6:12: 'undecided' is an empty map; allowed: one of drop, keep\n" },
        { HEAD "damaged: set-aside\n",
          "4:10: 'damaged' is 'set-aside'; did you mean 'set_aside'? allowed: one of set_aside, "
          "keep\n" },
        { HEAD "seed:\nneeds: eahc\ntarget: []\n",
          "4:6: 'seed' is empty; allowed: a whole number, 0 or more\n"
          "5:8: 'needs' is 'eahc'; did you mean 'each'? allowed: one of any, each\n"
          "6:9: 'target' is an empty list; allowed: one modality or more\n" },
        { HEAD "seed: -1\ntarget: [image, imgae, image]\n",
          "4:7: 'seed' is '-1'; allowed: a whole number, 0 or more\n"
          "5:17: unknown modality 'imgae'; did you mean 'image'? allowed: image, video, audio, "
          "tactile\n"
          "5:24: 'target' names 'image' twice\n" },
        { HEAD "target: [image, imgae]\n",
          "4:17: unknown modality 'imgae'; did you mean 'image'? allowed: image, video, audio, "
          "tactile\n" },
        { "blindfold: 1\nname: s\npool:\n  - {format: jsnl, path: no.jsonl, fields: {questoin: "
          "q}}\n"
          "  - 5\n  - {}\n",
          "4:14: unknown pool format 'jsnl'; did you mean 'jsonl'? allowed: jsonl\n"
          "4:26: pool file 'no.jsonl' is not there\n"
          "4:45: unknown key 'questoin'; did you mean 'question'? allowed: id, question, choices, "
          "answer, category, task, media, target, licence, image, video, audio, tactile\n"
          "5:5: 'pool' is '5'; allowed: a map such as {format: jsonl, path: pool.jsonl}\n"
          "6:5: 'path' of the pool is missing; allowed: a file\n" },
    };
    complain_of_each(bad, sizeof bad / sizeof *bad);
}

static void faults_of_modalities_and_conditions_are_named(void)
{
    static const struct bad bad[] = {
        { HEAD "target: thermal\nmodalities:\n  thermal:\n  Big: {carrier: raster}\n  imu: "
               "{carrier: tarce}\n"
               "  question: {carrier: raster}\n  image: {carrier: clip}\n  tactile: {rate: 5 s, "
               "hz: 3}\n",
          "6:3: 'carrier' of the new modality 'thermal' is missing; allowed: one of text, raster, "
          "clip, "
          "wave, trace\n"
          "7:3: modality 'Big'; allowed: a letter a-z, then a-z, 0-9 and _\n"
          "8:18: 'carrier' is 'tarce'; did you mean 'trace'? allowed: one of text, raster, clip, "
          "wave, "
          "trace\n"
          "9:3: 'question' is context, not a modality\n"
          "10:20: 'image' is built in on carrier 'raster'; give the new one another name\n"
          "11:19: 'rate' is '5 s'; allowed: ...\n"
          "11:24: unknown key 'hz'; allowed: carrier, ...\n" },
        { HEAD "conditions: []\n", "4:13: 'conditions' is an empty list; allowed: a list such as "
                                   "[full, without_each, blind]\n" },
        { HEAD
          "conditions:\n  - ful\n  - full\n  - full\n  - without_image: {replace: {image: drop}}\n"
          "  - full: {}\n  - w: {}\n  - x: {replace: {image: whit}}\n"
          "  - y: {replace: {audio: white}}\n  - z: {replace: {image: {noise: {lo: 9, hi: 3}}}}\n"
          "  - q: {replace: {choices: other, question: [a], iamge: drop}, only: [smell]}\n",
          "5:5: unknown condition 'ful'; did you mean 'full'? allowed: full, without_each, blind, "
          "every_subset\n"
          "7:5: condition 'full' stands twice\n"
          "8:5: condition 'without_image'; allowed: a letter a-z, then a-z, 0-9 and _, not "
          "beginning "
          "with 'without_'\n"
          "9:5: condition 'full' is built in and takes no options\n"
          "10:5: 'replace' of condition 'w' is missing; allowed: a map such as {image: white}\n"
          "11:26: unknown operator 'whit'; did you mean 'white'? allowed: ...\n"
          "12:26: operator 'white' does not take 'audio', which is wave; it takes raster, clip\n"
          "13:27: noise: 'lo' 9 is above 'hi' 3\n"
          "14:28: 'choices' is 'other'; allowed: drop\n"
          "14:45: 'question' is a list; allowed: drop, another operator on text, or other "
          "words\n"
          "14:50: unknown modality 'iamge'; did you mean 'image'? allowed: image, video, audio, "
          "tactile, question, choices\n"
          "14:71: unknown modality 'smell'; allowed: image, video, audio, tactile\n" },
        { HEAD "conditions:\n  - a: {replace: {image: noise}, severity: []}\n"
               "  - b: {replace: {image: white}, severity: [0.5]}\n"
               "  - c: {replace: {image: noise}, severity: [0.5, 2]}\n"
               "  - d: {replace: {image: noise}, severity: [1/2, 0.5]}\n"
               "  - e: {replace: {image: noise}, severity: [[1]]}\n"
               "  - f: {replace: {question: {white: {}}}}\n",
          "5:44: 'severity' is an empty list; allowed: 1 to 100 numbers such as [0.25, 0.5, 0.75, "
          "1]\n"
          "6:45: no operator of condition 'b' has a severity\n"
          "7:50: 'severity' is '2'; allowed: 0 to 1 of full strength\n"
          "8:5: condition 'd_0.5' stands twice\n"
          "9:44: 'severity' is a list; allowed: 1 to 100 numbers such as [0.25, 0.5, 0.75, 1]\n"
          "10:30: operator 'white' does not take 'question', which is text; it takes raster, "
          "clip\n" },
        { HEAD "conditions:\n"
               "  - a: {replace: {image.0: drop, image.65: drop, image.: drop, image.1x: drop}}\n"
               "  - b: {replace: {iamge.1: drop, all: white, image.1.2: drop}}\n"
               "  - every_subset: {over: []}\n"
               "  - every_subset: {over: [image.1, image.2, image.3, image, audio, question, "
               "choices]}\n"
               "  - every_subset: {over: [image, smell, [x], image]}\n"
               "  - every_subset: {ower: [image]}\n"
               "  - every_subset: {over: [image], severity: [0.5, 1]}\n"
               "  - blind: {over: [image]}\n",
          "5:19: part 'image.0'; allowed: image.1 to image.64\n"
          "5:34: part 'image.65'; allowed: image.1 to image.64\n"
          "5:50: part 'image.'; allowed: image.1 to image.64\n"
          "5:64: part 'image.1x'; allowed: image.1 to image.64\n"
          "6:19: unknown modality 'iamge'; did you mean 'image'? allowed: image, video, audio, "
          "tactile, question, choices\n"
          "6:39: operator 'white' does not take 'audio', which is wave; it takes raster, clip\n"
          "6:46: part 'image.1.2'; allowed: image.1 to image.64\n"
          "7:26: 'over' is an empty list; allowed: a list of modalities, parts such as image.1, "
          "question and choices\n"
          "8:26: 'over' names 7; allowed: at most 6\n"
          "9:34: unknown modality 'smell'; allowed: ...\n"
          "9:41: 'over' is a list; allowed: names\n"
          "9:46: 'over' names 'image' twice\n"
          "10:20: unknown key 'ower'; did you mean 'over'? allowed: over\n"
          "11:35: unknown key 'severity'; allowed: over\n"
          "12:5: condition 'blind' is built in and takes no options\n" },
    };
    complain_of_each(bad, sizeof bad / sizeof *bad);
}

static void faults_of_probes_filters_and_outputs_are_named(void)
{
    static const struct bad bad[] = {
        { HEAD "probes:\n  - {name: a, kind: builtn}\n  - {kind: builtin}\n"
               "  - {name: b, kind: builtin, trials: 0, role: vote, folds: x}\n"
               "  - {name: b, kind: answers}\n  - word\n  - {name: 'a b'}\n",
          "5:21: unknown kind of probe 'builtn'; did you mean 'builtin'? allowed: ...\n"
          "6:5: 'name' of the probe is missing; allowed: a name\n"
          "7:38: 'trials' is '0'; allowed: a whole number, 1 to 1000\n"
          "7:47: 'role' is 'vote'; did you mean 'voter'? allowed: one of voter, held_out, "
          "judge\n"
          "7:60: 'folds' is 'x'; allowed: ...\n"
          "8:5: 'path' of 'answers' is missing; allowed: a path\n"
          "8:12: probe 'b' stands twice; the first is at line 7\n"
          "9:5: 'probes' is 'word'; allowed: maps such as {name: stat, kind: builtin}\n"
          "10:5: 'kind' of the probe is missing; allowed: a kind of probe\n"
          "10:12: 'name' is 'a b'; allowed: 1 to 64 of A-Z, a-z, 0-9, _, - and .\n" },
        { HEAD "probes:\n  - {name: stat, kind: builtin, base: statt}\n"
               "  - {name: other, kind: builtin, base: other}\n",
          "5:39: unknown base 'statt'; allowed: ...\n"
          "6:40: unknown base 'other'; allowed: ...\n" },
        { HEAD "probes: [{name: stat, kind: builtin}]\nscores: [acuracy]\nfilters:\n"
               "  - answerble\n  - answerable: {undr: blind, right: 5}\n  - {a: 1, b: 2}\n",
          "5:10: unknown score 'acuracy'; did you mean 'accuracy'? allowed: ...\n"
          "7:5: unknown filter 'answerble'; did you mean 'answerable'? allowed: ...\n"
          "8:18: unknown key 'undr'; did you mean 'under'? allowed: under, right, by, voters\n"
          "8:38: 'right' is '5'; allowed: a comparison such as '> 1/2' or '<= 3'\n"
          "9:5: 'filters' is a map; allowed: names, or maps of one key such as {answerable: "
          "{under: "
          "blind}}\n" },
        { HEAD "probes: [{name: stat, kind: builtin}]\nfilters:\n  - answerable: {voters: [stat, "
               "nobody]}\n",
          "6:5: ...\n" },
        { HEAD "balance: {size: 0, equal: [a, b, c], joint: {}, prefer: {contributon: target}}\n"
               "emit: {to: [x], formats: [jsnl], card: {licence: a, license: b, web: c}}\n",
          "4:17: 'size' is '0'; allowed: a whole number, 1 to 4294967295\n"
          "4:27: 'equal' names 3 fields; allowed: at most 2, because quotas over one or two "
          "families "
          "are solved exactly\n"
          "4:45: 'joint' is an empty map; allowed: a name or a list of names\n"
          "4:58: unknown score 'contributon'; did you mean 'contribution'? allowed: ...\n"
          "5:12: 'to' is a list; allowed: a folder\n"
          "5:27: unknown format 'jsnl'; did you mean 'jsonl'? allowed: ...\n"
          "5:50: 'licence' and 'license' are the same; give one of them\n"
          "5:65: unknown key 'web'; allowed: license, licence, authors, url\n" },
        { HEAD "balance: {size: some, prefer: [a]}\nemit: {formats: []}\n",
          "4:17: 'size' is 'some'; allowed: a whole number, 1 or more, or all\n"
          "4:31: 'prefer' is a list; allowed: a score, or a map such as {contribution: target}\n"
          "5:17: 'formats' is an empty list; allowed: one format or more\n" },
    };
    complain_of_each(bad, sizeof bad / sizeof *bad);
}

/* `head`, then `item` n times; returns the bytes written. */
static size_t repeat(char *out, const char *head, const char *item, size_t n)
{
    size_t at = strlen(head), step = strlen(item);
    memcpy(out, head, at);
    for (size_t i = 0; i < n; i++, at += step)
        memcpy(out + at, item, step);
    return at;
}

static void limits_hold_on_the_event_stream(void)
{
    enum { N = 100000 };
    make_dir();
    char *text = malloc(8 * N);
    CHECK(text != NULL);
    if (!text)
        return;
    memset(text, '[', N);
    clock_t start = clock();
    complain(text, N, "1:65: over 64 levels deep\n");
    CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 0.5); /* without the limit: 14 s */

    size_t n = repeat(text, "a: [", "x, ", N);
    complain(text, n, "1:299996: over 100000 values, aliases expanded\n");

    /* ten levels of ten aliases each: ten thousand million values */
    static const char bomb[] = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
                               "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                               "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
                               "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
                               "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
                               "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n";
    complain(bomb, sizeof bomb - 1, "5:36: over 100000 values, aliases expanded\n");
    n = repeat(text, "a: &a x\nb: [", "*a, ", 101);
    complain(text, n, "2:405: alias '*a' is one too many; allowed: 100\n");
    free(text);
    done();
}

static void a_spec_that_cannot_be_opened_is_one_complaint(void)
{
    make_dir();
    CHECK_INT(bf_spec_read("/nowhere/spec.yaml", &spec, &complaints, &err), BF_EINVAL);
    CHECK_INT(complaints.n, 1);
    CHECK_INT(complaints.v[0].line, 0);
    CHECK_STR(err.msg, "cannot open '/nowhere/spec.yaml': No such file or directory");
    bf_spec_done(&spec);
    CHECK_INT(bf_spec_read(dir, &spec, NULL, &err), BF_EINVAL);
    CHECK(strstr(err.msg, "is a folder; allowed: a file") != NULL);
    done();
}

static void aliases_are_what_they_name(void)
{
    make_dir();
    static const char text[] =
        HEAD "probes:\n  - &p {name: a, kind: builtin}\n"
             "filters:\n  - answerable: &o {right: '> 1/4'}\n  - answerable: *o\n";
    CHECK_INT(read_bytes(text, sizeof text - 1), BF_OK);
    CHECK_INT(spec.n_filters, 2);
    CHECK_INT(spec.filters[1].line, 8);
    done();
}

static void out_of_memory_is_reported(void)
{
    make_dir();
    int rc = BF_ENOMEM;
    for (size_t limit = 64; rc == BF_ENOMEM && limit < 1 << 20; limit += 64) {
        spec.arena.limit = limit;
        rc = parse_bytes(whole, sizeof whole - 1);
        CHECK(rc == BF_OK || rc == BF_ENOMEM);
        bf_spec_done(&spec);
    }
    CHECK_INT(rc, BF_OK);
    done();
}

/* Every text of the YAML suite, and a spec cut short at every byte: refused, never a crash. */
static void hostile_texts_are_survived(void)
{
    char path[4096];
    struct bf_arena a = { 0 };
    DIR *d = test_shared(path, sizeof path, "data/hostile/yaml/src") ? opendir(path) : NULL;
    make_dir();
    for (size_t n = 0; n < sizeof whole; n++) {
        (void)parse_bytes(whole, n); /* either is fine */
        bf_spec_done(&spec);
    }
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (e->d_name[0] == '.')
            continue;
        CHECK_INT(bf_spec_read(bf_path_join(&a, path, e->d_name), &spec, &complaints, &err),
                  BF_EINVAL);
        CHECK(complaints.n > 0);
        bf_spec_done(&spec);
    }
    bf_arena_reset(&a);
    if (d)
        closedir(d);
    done();
    if (!d)
        TEST_SKIP("no YAML suite in BF_SHARED");
}

TEST_MAIN(TEST(defaults_are_filled_in), TEST(a_whole_spec_is_read), TEST(severities_are_conditions),
          TEST(conditions_speak_of_parts), TEST(what_is_printed_reads_back),
          TEST(yaml_faults_have_places), TEST(top_level_faults_are_all_named),
          TEST(faults_of_modalities_and_conditions_are_named),
          TEST(faults_of_probes_filters_and_outputs_are_named),
          TEST(limits_hold_on_the_event_stream),
          TEST(a_spec_that_cannot_be_opened_is_one_complaint), TEST(aliases_are_what_they_name),
          TEST(out_of_memory_is_reported), TEST(hostile_texts_are_survived))
