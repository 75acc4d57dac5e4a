blindfold run nowhere.yaml
