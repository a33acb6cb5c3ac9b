BEGIN TRANSACTION;
CREATE TABLE anytime (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    steps INTEGER NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (run, steps)
) STRICT;
INSERT INTO "anytime" VALUES(1,1,5.55555555555555580227e-01);
INSERT INTO "anytime" VALUES(1,2,2.22222222222222209886e-01);
INSERT INTO "anytime" VALUES(1,3,7.77777777777777790113e-01);
INSERT INTO "anytime" VALUES(1,4,1.11111111111111104943e-01);
INSERT INTO "anytime" VALUES(2,1,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(2,2,3.33333333333333314829e-01);
INSERT INTO "anytime" VALUES(2,3,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(2,4,1.11111111111111104943e-01);
INSERT INTO "anytime" VALUES(3,1,5.55555555555555580227e-01);
INSERT INTO "anytime" VALUES(3,2,2.22222222222222209886e-01);
INSERT INTO "anytime" VALUES(3,3,7.77777777777777790113e-01);
INSERT INTO "anytime" VALUES(3,4,1.11111111111111104943e-01);
INSERT INTO "anytime" VALUES(4,1,5.55555555555555580227e-01);
INSERT INTO "anytime" VALUES(4,2,3.33333333333333314829e-01);
INSERT INTO "anytime" VALUES(4,3,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(4,4,1.11111111111111104943e-01);
CREATE TABLE evaluations (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    split TEXT NOT NULL,
    eval_len INTEGER NOT NULL,
    score REAL NOT NULL,
    loss REAL NOT NULL,
    score_by_start TEXT NOT NULL,
    metrics TEXT NOT NULL,
    per_sequence BLOB NOT NULL,
    PRIMARY KEY (run, split, eval_len)
) STRICT;
INSERT INTO "evaluations" VALUES(1,'validation',4,1.11111111111111104943e-01,1.09080911013815140542e+00,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'0000803F0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "evaluations" VALUES(1,'test',4,1.11111111111111104943e-01,1.06236234969562959307e+00,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'000000000000000000000000000000000000000000000000000000000000803F00000000');
INSERT INTO "evaluations" VALUES(2,'validation',4,3.33333333333333314829e-01,1.33226979109976029214e+00,'[0.3333333333333333]','{"balanced_accuracy": 0.325, "macro_f1": 0.325}',X'000000000000000000000000000000000000803F000000000000803F0000803F00000000');
INSERT INTO "evaluations" VALUES(2,'test',4,1.11111111111111104943e-01,1.26020245419608212245e+00,'[0.1111111111111111]','{"balanced_accuracy": 0.1, "macro_f1": 0.1}',X'00000000000000000000000000000000000000000000000000000000000000000000803F');
INSERT INTO "evaluations" VALUES(3,'validation',2,4.81481481481481454753e-01,0.792233677925887,'[0.7777777777777778, 0.5555555555555556, 0.1111111111111111]','{"balanced_accuracy": 0.5, "macro_f1": 0.475}',X'ABAA2A3FABAA2A3FABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAA2A3F');
INSERT INTO "evaluations" VALUES(3,'test',2,3.70370370370370405321e-01,0.885066133958322,'[0.2222222222222222, 0.7777777777777778, 0.1111111111111111]','{"balanced_accuracy": 0.375, "macro_f1": 0.37037037037037035}',X'ABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAAAA3E');
INSERT INTO "evaluations" VALUES(3,'test',4,1.11111111111111104943e-01,1.06247721446885012852e+00,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'000000000000000000000000000000000000000000000000000000000000803F00000000');
INSERT INTO "evaluations" VALUES(4,'validation',2,4.44444444444444419772e-01,9.31483028111634525636e-01,'[0.2222222222222222, 0.7777777777777778, 0.3333333333333333]','{"balanced_accuracy": 0.43333333333333335, "macro_f1": 0.4319775596072931}',X'00000000ABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAA2A3FABAA2A3FABAA2A3FABAAAA3E');
INSERT INTO "evaluations" VALUES(4,'test',2,3.33333333333333259318e-01,1.04363730218675421212e+00,'[0.3333333333333333, 0.2222222222222222, 0.4444444444444444]','{"balanced_accuracy": 0.325, "macro_f1": 0.325}',X'ABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3E00000000ABAA2A3F');
INSERT INTO "evaluations" VALUES(4,'test',4,1.11111111111111104943e-01,1.2609400219387478792e+00,'[0.1111111111111111]','{"balanced_accuracy": 0.1, "macro_f1": 0.1}',X'00000000000000000000000000000000000000000000000000000000000000000000803F');
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO "meta" VALUES('schema_version','5');
INSERT INTO "meta" VALUES('created_at','2026-11-29T06:55:58+00:00');
INSERT INTO "meta" VALUES('environment','{"python": "3.11.7", "lengthwise": "0.2.0", "numpy": "2.3.5", "numba": "0.63.1", "llvmlite": "0.46.0", "safetensors": "0.8.0", "tensorboard": "2.21.0", "system": "Linux-6.18.44-fc-v857-x86_64-with-glibc2.36", "cpu": "AMD EPYC (znver5)", "lanes": 16, "data_checksum": "a363ca6b02145d91cbc0f2a9248699f70f84abd1f993d8c163da9e40f730c08b", "num_steps": 4, "task": "classification", "baseline": {"title": "always the commonest class", "validation": 0.5555555555555556, "test": 0.5555555555555556}, "recipe": {"name": "notebook", "settings": {}, "updates": null, "reasons": [], "pilots": [], "seconds": 0.0}, "block": 1}');
INSERT INTO "meta" VALUES('design','{"data": "remainders", "seq_lens": [2, 4], "seeds": [0, 1], "budget": "steps=4", "eval_lens": [4], "settings": {"cell": ["rnn"], "hidden_size": [3], "num_layers": [1], "bidirectional": [false], "dropout": [0.0], "pooling": ["last"], "gru_variant": ["reset_after"], "forget_bias": [1.0], "carry_state": [false], "class_weights": ["none"], "batch_size": [16], "lr": [0.001], "sampling": ["blocks"], "optimizer": ["adam_tf1"], "momentum": [0.0], "nesterov": [false], "weight_decay": [0.0], "clip_norm": [null], "lr_schedule": ["constant"], "warmup_steps": [0], "patience": [null], "validate_every": [null], "ema_decay": [null], "initializer": ["glorot"], "engine": ["simd"], "device": ["cpu"], "tf32": [false]}, "more_seeds": {}, "looks": [], "candidates": []}');
INSERT INTO "meta" VALUES('seconds','13.767');
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('finished', 'failed')),
    reason TEXT,
    "data",
    "seq_len",
    "cell",
    "hidden_size",
    "num_layers",
    "bidirectional",
    "dropout",
    "pooling",
    "gru_variant",
    "forget_bias",
    "carry_state",
    "class_weights",
    "batch_size",
    "lr",
    "epochs",
    "steps",
    "sampling",
    "seed",
    "optimizer",
    "momentum",
    "nesterov",
    "weight_decay",
    "clip_norm",
    "lr_schedule",
    "warmup_steps",
    "patience",
    "validate_every",
    "ema_decay",
    "initializer",
    "engine",
    "device",
    "tf32",
    "module_name",
    metric TEXT,
    val_score REAL,
    val_accuracy REAL,
    val_loss REAL,
    test_score REAL,
    test_accuracy REAL,
    test_loss REAL,
    best_update INTEGER,
    updates INTEGER,
    stopped_by TEXT,
    timesteps INTEGER,
    flops INTEGER,
    flops_per_step INTEGER,
    activation_bytes INTEGER,
    seconds REAL,
    seconds_per_step REAL,
    wall_seconds REAL,
    worker TEXT,
    finished_at TEXT NOT NULL
);
INSERT INTO "runs" VALUES(1,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "lr_schedule": "constant", "module_name": null, "momentum": 0.0, "nesterov": false, "num_layers": 1, "optimizer": "adam_tf1", "patience": null, "pooling": "last", "sampling": "blocks", "seed": 0, "seq_len": 4, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',4,'rnn',3,1,0,0.0,'last','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',0,'adam_tf1',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',1.11111111111111104943e-01,1.11111111111111104943e-01,1.09080911013815140542e+00,1.11111111111111104943e-01,1.11111111111111104943e-01,1.06236234969562959307e+00,1,4,'steps',256,20736,5184,48076,7.20696000030329742003e-04,1.801740000075824355e-04,8.6842790000218883506e-03,'vm:14240','2026-11-29T06:56:12+00:00');
INSERT INTO "runs" VALUES(2,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "lr_schedule": "constant", "module_name": null, "momentum": 0.0, "nesterov": false, "num_layers": 1, "optimizer": "adam_tf1", "patience": null, "pooling": "last", "sampling": "blocks", "seed": 1, "seq_len": 4, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',4,'rnn',3,1,0,0.0,'last','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',1,'adam_tf1',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',3.33333333333333314829e-01,3.33333333333333314829e-01,1.33226979109976029214e+00,1.11111111111111104943e-01,1.11111111111111104943e-01,1.26020245419608212245e+00,1,4,'steps',256,20736,5184,48076,3.28839999951924255583e-04,8.22099999879810638958e-05,9.26770000000942673068e-03,'vm:14240','2026-11-29T06:56:12+00:00');
INSERT INTO "runs" VALUES(3,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "lr_schedule": "constant", "module_name": null, "momentum": 0.0, "nesterov": false, "num_layers": 1, "optimizer": "adam_tf1", "patience": null, "pooling": "last", "sampling": "blocks", "seed": 0, "seq_len": 2, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',2,'rnn',3,1,0,0.0,'last','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',0,'adam_tf1',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',4.81481481481481454753e-01,4.81481481481481454753e-01,0.792233677925887,3.70370370370370405321e-01,3.70370370370370405321e-01,0.885066133958322,1,4,'steps',128,11520,2880,36940,2.57825000062439357861e-04,6.44562500156098394654e-05,8.00140000001192674972e-03,'vm:14240','2026-11-29T06:56:12+00:00');
INSERT INTO "runs" VALUES(4,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "lr_schedule": "constant", "module_name": null, "momentum": 0.0, "nesterov": false, "num_layers": 1, "optimizer": "adam_tf1", "patience": null, "pooling": "last", "sampling": "blocks", "seed": 1, "seq_len": 2, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',2,'rnn',3,1,0,0.0,'last','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',1,'adam_tf1',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',4.44444444444444419772e-01,4.44444444444444419772e-01,9.31483028111634525636e-01,3.33333333333333259318e-01,3.33333333333333259318e-01,1.04363730218675421212e+00,1,4,'steps',128,11520,2880,36940,2.53248000035455334e-04,6.33120000088638335e-05,8.16893000001073232851e-03,'vm:14240','2026-11-29T06:56:12+00:00');
CREATE TABLE validations (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    "update" INTEGER NOT NULL,
    seconds REAL NOT NULL,
    train_loss REAL NOT NULL,
    train_score REAL NOT NULL,
    val_score REAL NOT NULL,
    val_loss REAL NOT NULL,
    PRIMARY KEY (run, "update")
) STRICT;
INSERT INTO "validations" VALUES(1,1,4.99214999990726937539e-04,1.12798010185360908508e+00,0.125,1.11111111111111104943e-01,1.09080911013815140542e+00);
INSERT INTO "validations" VALUES(1,2,5.8359100000870967051e-04,1.14654616080224514007e+00,0.0625,1.11111111111111104943e-01,1.0881225102477602995e+00);
INSERT INTO "validations" VALUES(1,3,6.52454000032776093576e-04,1.14359699375927448272e+00,0.0625,1.11111111111111104943e-01,1.08546704716152619951e+00);
INSERT INTO "validations" VALUES(1,4,7.20696000030329742003e-04,1.14062263444066047668e+00,0.0625,1.11111111111111104943e-01,1.08283224370744490805e+00);
INSERT INTO "validations" VALUES(2,1,7.82969999590932275168e-05,1.09383755549788475036e+00,0.375,3.33333333333333314829e-01,1.33226979109976029214e+00);
INSERT INTO "validations" VALUES(2,2,1.57834999981787404976e-04,1.2282563522458076477e+00,0.3125,3.33333333333333314829e-01,1.32825340165032290684e+00);
INSERT INTO "validations" VALUES(2,3,2.20768999952269950881e-04,1.08814184367656707763e+00,0.375,3.33333333333333314829e-01,1.32439552081955813633e+00);
INSERT INTO "validations" VALUES(2,4,3.28839999951924255583e-04,1.08535473421216,0.375,3.33333333333333314829e-01,1.32061479489008593013e+00);
INSERT INTO "validations" VALUES(3,1,6.81819999499566620215e-05,0.85096350684762,0.4375,4.81481481481481454753e-01,0.792233677925887);
INSERT INTO "validations" VALUES(3,2,1.35993999947459087707e-04,0.736286474391818,0.5625,4.81481481481481454753e-01,7.91129580250492847603e-01);
INSERT INTO "validations" VALUES(3,3,0.000198477000026287,1.01789652742445468902e+00,0.25,4.81481481481481454753e-01,7.90064710157888927533e-01);
INSERT INTO "validations" VALUES(3,4,2.57825000062439357861e-04,8.83064759895205497741e-01,0.375,4.81481481481481454753e-01,7.8893255083649238557e-01);
INSERT INTO "validations" VALUES(4,1,6.41659999018884263932e-05,8.72126273810863494873e-01,0.375,4.44444444444444419772e-01,9.31483028111634525636e-01);
INSERT INTO "validations" VALUES(4,2,1.08761999968010059092e-04,8.75267773866653442382e-01,0.4375,4.44444444444444419772e-01,9.30083131348645286706e-01);
INSERT INTO "validations" VALUES(4,3,1.93007999996552825905e-04,8.1013899482786655426e-01,0.5,4.44444444444444419772e-01,9.28850624296400306789e-01);
INSERT INTO "validations" VALUES(4,4,2.53248000035455334e-04,7.33209732919931411743e-01,0.5,4.44444444444444419772e-01,0.927642199728224);
COMMIT;
