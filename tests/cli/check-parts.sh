. "$(dirname "$0")/lib/pool.sh"
parts_pool
small_spec <<'Y'
modalities: {tactile: {present: table, rows: 3}}
conditions:
  - full
  - second: {replace: {image.2: white}}
  - every_subset: {over: [image, question]}
  - every_subset: {over: [choices]}
probes: [{name: m, kind: chat, url: "http://127.0.0.1:1/v1", model: m, orders: fixed}]
Y
blindfold check spec.yaml
# Words and media in the order in which they are sent, one piece a line; pictures are numbered as
# they come.
blindfold check spec.yaml --requests 20 | awk '
    /^# m: / { print }
    /"content": "/ || /"text": / { sub(/^ *("content": )?("text": )?/, ""); print "    " $0 }
    /"url": / { if (!($0 in n)) n[$0] = ++last; print "    [picture " n[$0] "]" }'
