"""A stand-in for a batch service, with a real model behind it: sends every request of a file to a
server, writes what comes back, in an order of its own, and what went wrong into a file of errors.

    batch_service.py REQUESTS URL OUTPUT ERRORS EVERY

Every EVERYth request expires (none when it is 0), as OpenAI's do after a day.
"""
import json
import random
import sys
import urllib.request

requests, url, output, errors, every = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy stands between
done, expired = [], []
with open(requests) as f:
    for n, line in enumerate(f, 1):
        request = json.loads(line)
        result = {"id": f"batch_req_{n}", "custom_id": request["custom_id"]}
        if int(every) and n % int(every) == 0:
            error = {"code": "batch_expired", "message": "This request could not be executed in time."}
            expired.append(result | {"response": None, "error": error})
            continue
        body = json.dumps(request["body"]).encode()
        headers = {"Content-Type": "application/json"}
        post = urllib.request.Request(url + request["url"], body, headers, method=request["method"])
        with opener.open(post, timeout=120) as reply:
            response = {"status_code": reply.status, "request_id": f"r{n}", "body": json.load(reply)}
        done.append(result | {"response": response, "error": None})
for path, results in ((output, done), (errors, expired)):
    random.Random(4).shuffle(results)
    with open(path, "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in results)
