. "$(dirname "$0")/lib/pool.sh"
small_pool
echo '{"id": "lone", "question": "Which colour?", "choices": ["red", "green"], "answer": "A",' \
    '"media": {"modality": "image", "path": "media/p0.ppm"}}' >>pool.jsonl
small_spec </dev/null
blindfold show spec.yaml q1
echo mine >shown/full/note.txt
# The trace of q1 is not shown as one of this sample's; what is not ours stays.
blindfold show spec.yaml lone
find shown | LC_ALL=C sort
