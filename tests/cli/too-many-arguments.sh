blindfold check a.yaml b.yaml
