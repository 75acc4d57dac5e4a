printf 'blindfold: 1\nname: x\npool: {path: pool.jsonl}\n' >spec.yaml
blindfold check spec.yaml
