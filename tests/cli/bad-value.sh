blindfold run spec.yaml --threads many
