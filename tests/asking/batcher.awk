# A stand-in for a batch service: requests come in, outputs go out, in the order of their names,
# which is none. Of `mode`: "right" answers with the letter of the choice that begins with "right";
# "429", "expired", "long" and "refused" are errors of one request, of those whose name's first
# digit is in `hit` (all when it is not given), the others are answered. `part` "odd" or "even":
# requests of that line number only. Errors that come as lines of the error file go to `errors`.
function reply(id, text) {
    return "{\"id\": \"batch_req_" NR "\", \"custom_id\": \"" id "\", \"response\": {\"status_code\":" \
        " 200, \"request_id\": \"r" NR "\", \"body\": {\"id\": \"c\", \"object\": \"chat.completion\"," \
        " \"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": \"" text \
        "\"}, \"finish_reason\": \"stop\"}], \"usage\": {\"prompt_tokens\": 20, \"completion_tokens\":" \
        " 1, \"total_tokens\": 21}}}, \"error\": null}"
}
function trouble(id, status, type, message) {
    return "{\"id\": \"batch_req_" round NR "\", \"custom_id\": \"" id "\", \"response\":" \
        " {\"status_code\": " status ", \"request_id\": \"r" NR "\", \"body\": {\"error\": {\"type\": \"" \
        type "\", \"message\": \"" message "\", \"code\": \"" type "\"}}}, \"error\": null}"
}
BEGIN { sorter = "LC_ALL=C sort -t: -k3"; if (mode == "") mode = "right" }
part == "odd" && NR % 2 == 0 { next }
part == "even" && NR % 2 == 1 { next }
{
    match($0, /bf-[0-9a-f]+/)
    id = substr($0, RSTART, RLENGTH)
    chosen = mode
    if (hit != "" && index(hit, substr(id, 4, 1)) == 0)
        chosen = "right"
    n++
    if (chosen == "right" || chosen == "wrong") {
        # "A. left 3\nB. right 3" or "(B) right 3"
        match($0, /[A-Z][.)] right/)
        print reply(id, substr($0, RSTART, 1)) | sorter
    } else if (chosen == "429") {
        print trouble(id, 429, "rate_limit_exceeded", "slow down") > errors
    } else if (chosen == "long") {
        print trouble(id, 400, "context_length_exceeded", "maximum context length is 8192 tokens") > errors
    } else if (chosen == "expired") {
        print "{\"id\": \"batch_req_" round NR "\", \"custom_id\": \"" id "\", \"response\": null," \
            " \"error\": {\"code\": \"batch_expired\", \"message\": \"not done in time\"}}" > errors
    }
}
