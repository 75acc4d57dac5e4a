blindfold run spec.yaml --thread 2
