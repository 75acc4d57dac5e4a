printf 'blindfold: 1\nname: x\npool:\n\tpath: pool.jsonl\n' >spec.yaml
blindfold run spec.yaml
