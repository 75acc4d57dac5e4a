. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
emit: {to: site}
Y
# Somebody's web site has a manifest.json too.
mkdir site
echo '{"name": "my site"}' >site/manifest.json
blindfold run spec.yaml --out run || echo "status $?"
ls site; ls
