blindfold chek spec.yaml
