blindfold show spec.yaml
