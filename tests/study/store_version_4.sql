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
INSERT INTO "anytime" VALUES(2,4,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(3,1,5.55555555555555580227e-01);
INSERT INTO "anytime" VALUES(3,2,2.22222222222222209886e-01);
INSERT INTO "anytime" VALUES(3,3,7.77777777777777790113e-01);
INSERT INTO "anytime" VALUES(3,4,1.11111111111111104943e-01);
INSERT INTO "anytime" VALUES(4,1,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(4,2,3.33333333333333314829e-01);
INSERT INTO "anytime" VALUES(4,3,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(4,4,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(5,1,5.55555555555555580227e-01);
INSERT INTO "anytime" VALUES(5,2,2.22222222222222209886e-01);
INSERT INTO "anytime" VALUES(5,3,7.77777777777777790113e-01);
INSERT INTO "anytime" VALUES(5,4,1.11111111111111104943e-01);
INSERT INTO "anytime" VALUES(6,1,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(6,2,3.33333333333333314829e-01);
INSERT INTO "anytime" VALUES(6,3,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(6,4,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(7,1,5.55555555555555580227e-01);
INSERT INTO "anytime" VALUES(7,2,2.22222222222222209886e-01);
INSERT INTO "anytime" VALUES(7,3,7.77777777777777790113e-01);
INSERT INTO "anytime" VALUES(7,4,1.11111111111111104943e-01);
INSERT INTO "anytime" VALUES(8,1,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(8,2,3.33333333333333314829e-01);
INSERT INTO "anytime" VALUES(8,3,4.44444444444444419772e-01);
INSERT INTO "anytime" VALUES(8,4,4.44444444444444419772e-01);
CREATE TABLE checks (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    "update" INTEGER NOT NULL,
    seconds REAL NOT NULL,
    train_loss REAL NOT NULL,
    train_score REAL NOT NULL,
    val_score REAL NOT NULL,
    val_loss REAL NOT NULL,
    PRIMARY KEY (run, "update")
) STRICT;
INSERT INTO "checks" VALUES(1,1,8.68199999786156695336e-04,7.26412165910005569458e-01,0.125,1.11111111111111104943e-01,7.3265456491046476728e-01);
INSERT INTO "checks" VALUES(1,2,1.06187099981980281881e-03,7.43430364876985549926e-01,0.0625,1.11111111111111104943e-01,7.3192074563768172446e-01);
INSERT INTO "checks" VALUES(1,3,1.37983399963559349998e-03,7.25266508758068084716e-01,0.125,1.11111111111111104943e-01,7.31170588069491866889e-01);
INSERT INTO "checks" VALUES(1,4,1.70690400000239606015e-03,7.24700443446636199951e-01,0.125,1.11111111111111104943e-01,7.30417397287156822116e-01);
INSERT INTO "checks" VALUES(2,1,9.24077800027589546516e-03,8.97304836660623550415e-01,0.375,2.22222222222222209886e-01,1.09857493307855391684e+00);
INSERT INTO "checks" VALUES(2,2,9.5256100003098254092e-03,1.09980315528810024261e+00,0.1875,2.22222222222222209886e-01,1.09607713752322721845e+00);
INSERT INTO "checks" VALUES(2,3,1.00060470003882073797e-02,1.09728600084781646728e+00,0.1875,2.22222222222222209886e-01,1.09359911746448945635e+00);
INSERT INTO "checks" VALUES(2,4,1.03436370000054012052e-02,1.09474232606589794158e+00,0.1875,2.22222222222222209886e-01,1.09113043546676635742e+00);
INSERT INTO "checks" VALUES(3,1,3.5285800004203338176e-04,7.26412165910005569458e-01,0.125,1.11111111111111104943e-01,7.32654584778679729417e-01);
INSERT INTO "checks" VALUES(3,2,6.87842999923304887488e-04,7.43430364876985549926e-01,0.0625,1.11111111111111104943e-01,7.31920712523990157905e-01);
INSERT INTO "checks" VALUES(3,3,0.000989896999726625,7.25266490131616592407e-01,0.125,1.11111111111111104943e-01,7.31170554955800411356e-01);
INSERT INTO "checks" VALUES(3,4,3.88580899971202597953e-03,7.24700439721345901489e-01,0.125,1.11111111111111104943e-01,0.730417377418942);
INSERT INTO "checks" VALUES(4,1,8.50973500018881168216e-03,8.97304836660623550415e-01,0.375,2.22222222222222209886e-01,1.09857489665349317142e+00);
INSERT INTO "checks" VALUES(4,2,0.00877992899995661,1.09980311617255210876e+00,0.1875,2.22222222222222209886e-01,1.09607715408007311275e+00);
INSERT INTO "checks" VALUES(4,3,0.0091109269997105,1.0972860138863325119e+00,0.1875,2.22222222222222209886e-01,1.09359909428490542637e+00);
INSERT INTO "checks" VALUES(4,4,9.58297799979845876805e-03,1.09474230557680130004e+00,0.1875,2.22222222222222209886e-01,1.09113042553265882084e+00);
INSERT INTO "checks" VALUES(5,1,3.36769000114145455881e-04,7.07677468657493591308e-01,0.5,4.81481481481481454753e-01,7.08457145426008350064e-01);
INSERT INTO "checks" VALUES(5,2,7.34630999886576319113e-04,6.62282027304172515869e-01,0.625,4.81481481481481454753e-01,0.708308943995723);
INSERT INTO "checks" VALUES(5,3,4.63330299953668145462e-03,7.26849023252725601196e-01,0.375,4.81481481481481454753e-01,7.08153104340588535059e-01);
INSERT INTO "checks" VALUES(5,4,8.17748499957815511152e-03,6.88304487615823745727e-01,0.5625,4.81481481481481454753e-01,7.07971005528061470002e-01);
INSERT INTO "checks" VALUES(6,1,4.20786000177031382918e-04,7.88937391713261604309e-01,0.5,4.44444444444444419772e-01,8.69750804371303920525e-01);
INSERT INTO "checks" VALUES(6,2,6.42599999991944059729e-04,8.17331817001104354858e-01,0.5625,4.44444444444444419772e-01,8.68874123802891529244e-01);
INSERT INTO "checks" VALUES(6,3,3.94964900033301091752e-03,6.3878512941300868988e-01,0.625,4.44444444444444419772e-01,0.868143026475553);
INSERT INTO "checks" VALUES(6,4,4.3515990000742021948e-03,8.34040673449635505676e-01,0.3125,4.44444444444444419772e-01,8.67239468627505782905e-01);
INSERT INTO "checks" VALUES(7,1,3.90960000004270114004e-04,7.07677468657493591308e-01,0.5,4.81481481481481454753e-01,7.08457076991045875402e-01);
INSERT INTO "checks" VALUES(7,2,1.03554199995414819568e-03,6.62282079458236694335e-01,0.625,4.81481481481481454753e-01,7.0830886452286323518e-01);
INSERT INTO "checks" VALUES(7,3,1.47312800027066259644e-03,7.26848419755697250366e-01,0.375,4.81481481481481454753e-01,7.08153049151102664815e-01);
INSERT INTO "checks" VALUES(7,4,1.88896400004523457027e-03,6.88304658979177474975e-01,0.5625,4.81481481481481454753e-01,7.07970895149089729514e-01);
INSERT INTO "checks" VALUES(8,1,2.64022000010299962013e-04,7.88937391713261604309e-01,0.5,4.44444444444444419772e-01,8.69750857353210560241e-01);
INSERT INTO "checks" VALUES(8,2,5.38264000169874634593e-04,8.17331871017813682556e-01,0.5625,4.44444444444444419772e-01,8.68874132633209117493e-01);
INSERT INTO "checks" VALUES(8,3,1.00901299992983695119e-03,6.38785136863589286804e-01,0.625,4.44444444444444419772e-01,8.68143028683132644829e-01);
INSERT INTO "checks" VALUES(8,4,1.27904699957070988602e-03,8.34040656685829162597e-01,0.3125,4.44444444444444419772e-01,0.867239444344132);
CREATE TABLE evaluations (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    split TEXT NOT NULL,
    eval_len INTEGER NOT NULL,
    score REAL NOT NULL,
    loss REAL NOT NULL,
    score_by_start TEXT NOT NULL,
    figures TEXT NOT NULL,
    per_sequence BLOB NOT NULL,
    PRIMARY KEY (run, split, eval_len)
) STRICT;
INSERT INTO "evaluations" VALUES(1,'validation',4,1.11111111111111104943e-01,7.3265456491046476728e-01,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'0000803F0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "evaluations" VALUES(1,'test',4,1.11111111111111104943e-01,7.3761653237872648603e-01,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'000000000000000000000000000000000000000000000000000000000000803F00000000');
INSERT INTO "evaluations" VALUES(2,'validation',4,2.22222222222222209886e-01,1.09857493307855391684e+00,'[0.2222222222222222]','{"balanced_accuracy": 0.2, "macro_f1": 0.18181818181818182}',X'000000000000000000000000000000000000803F000000000000803F0000000000000000');
INSERT INTO "evaluations" VALUES(2,'test',4,4.44444444444444419772e-01,9.39954343769285438625e-01,'[0.4444444444444444]','{"balanced_accuracy": 0.475, "macro_f1": 0.41558441558441556}',X'0000000000000000000000000000803F000000000000803F0000803F000000000000803F');
INSERT INTO "evaluations" VALUES(3,'validation',4,1.11111111111111104943e-01,7.32654584778679729417e-01,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'0000803F0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "evaluations" VALUES(3,'test',4,1.11111111111111104943e-01,7.3761653900146484375e-01,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'000000000000000000000000000000000000000000000000000000000000803F00000000');
INSERT INTO "evaluations" VALUES(4,'validation',4,2.22222222222222209886e-01,1.09857489665349317142e+00,'[0.2222222222222222]','{"balanced_accuracy": 0.2, "macro_f1": 0.18181818181818182}',X'000000000000000000000000000000000000803F000000000000803F0000000000000000');
INSERT INTO "evaluations" VALUES(4,'test',4,4.44444444444444419772e-01,9.39954294098748088792e-01,'[0.4444444444444444]','{"balanced_accuracy": 0.475, "macro_f1": 0.41558441558441556}',X'0000000000000000000000000000803F000000000000803F0000803F000000000000803F');
INSERT INTO "evaluations" VALUES(5,'validation',2,4.81481481481481454753e-01,7.08457145426008350064e-01,'[0.7777777777777778, 0.5555555555555556, 0.1111111111111111]','{"balanced_accuracy": 0.5, "macro_f1": 0.475}',X'ABAA2A3FABAA2A3FABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAA2A3F');
INSERT INTO "evaluations" VALUES(5,'test',2,3.70370370370370405321e-01,7.42637561427222481214e-01,'[0.2222222222222222, 0.7777777777777778, 0.1111111111111111]','{"balanced_accuracy": 0.375, "macro_f1": 0.37037037037037035}',X'ABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAAAA3E');
INSERT INTO "evaluations" VALUES(5,'test',4,1.11111111111111104943e-01,0.737638360924191,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'000000000000000000000000000000000000000000000000000000000000803F00000000');
INSERT INTO "evaluations" VALUES(6,'validation',2,4.44444444444444419772e-01,8.69750804371303920525e-01,'[0.1111111111111111, 0.6666666666666666, 0.5555555555555556]','{"balanced_accuracy": 0.45, "macro_f1": 0.4444444444444444}',X'00000000ABAA2A3FABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAA2A3FABAA2A3F');
INSERT INTO "evaluations" VALUES(6,'test',2,2.96296296296296279848e-01,0.909126270700384,'[0.3333333333333333, 0.1111111111111111, 0.4444444444444444]','{"balanced_accuracy": 0.29166666666666663, "macro_f1": 0.2924137931034483}',X'ABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3E00000000ABAAAA3E');
INSERT INTO "evaluations" VALUES(6,'test',4,4.44444444444444419772e-01,9.41925591892666336235e-01,'[0.4444444444444444]','{"balanced_accuracy": 0.475, "macro_f1": 0.41558441558441556}',X'0000000000000000000000000000803F000000000000803F0000803F000000000000803F');
INSERT INTO "evaluations" VALUES(7,'validation',2,4.81481481481481454753e-01,7.08457076991045875402e-01,'[0.7777777777777778, 0.5555555555555556, 0.1111111111111111]','{"balanced_accuracy": 0.5, "macro_f1": 0.475}',X'ABAA2A3FABAA2A3FABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAA2A3F');
INSERT INTO "evaluations" VALUES(7,'test',2,3.70370370370370405321e-01,7.42637323008643379651e-01,'[0.2222222222222222, 0.7777777777777778, 0.1111111111111111]','{"balanced_accuracy": 0.375, "macro_f1": 0.37037037037037035}',X'ABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAAAA3E');
INSERT INTO "evaluations" VALUES(7,'test',4,1.11111111111111104943e-01,7.37640500068664550781e-01,'[0.1111111111111111]','{"balanced_accuracy": 0.125, "macro_f1": 0.1}',X'000000000000000000000000000000000000000000000000000000000000803F00000000');
INSERT INTO "evaluations" VALUES(8,'validation',2,4.44444444444444419772e-01,8.69750857353210560241e-01,'[0.1111111111111111, 0.6666666666666666, 0.5555555555555556]','{"balanced_accuracy": 0.45, "macro_f1": 0.4444444444444444}',X'00000000ABAA2A3FABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAA2A3FABAA2A3FABAA2A3F');
INSERT INTO "evaluations" VALUES(8,'test',2,2.96296296296296279848e-01,9.09126297191337418013e-01,'[0.3333333333333333, 0.1111111111111111, 0.4444444444444444]','{"balanced_accuracy": 0.29166666666666663, "macro_f1": 0.2924137931034483}',X'ABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3EABAAAA3E00000000ABAAAA3E');
INSERT INTO "evaluations" VALUES(8,'test',4,4.44444444444444419772e-01,9.41925591892666336235e-01,'[0.4444444444444444]','{"balanced_accuracy": 0.475, "macro_f1": 0.41558441558441556}',X'0000000000000000000000000000803F000000000000803F0000803F000000000000803F');
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO "meta" VALUES('schema_version','4');
INSERT INTO "meta" VALUES('created_at','2026-11-29T01:54:59+00:00');
INSERT INTO "meta" VALUES('environment','{"python": "3.11.7", "lengthwise": "0.1.0", "numpy": "2.3.5", "numba": "0.63.1", "llvmlite": "0.46.0", "safetensors": "0.8.0", "tensorboard": "2.21.0", "system": "Linux-x86_64", "cpu": "a processor", "lanes": 8, "data_checksum": "a363ca6b02145d91cbc0f2a9248699f70f84abd1f993d8c163da9e40f730c08b", "num_steps": 4, "task": "classification", "baseline": {"title": "always the commonest class", "validation": 0.5555555555555556, "test": 0.5555555555555556}, "block": 1}');
INSERT INTO "meta" VALUES('design','{"data": "remainders", "seq_lens": [2, 4], "seeds": [0, 1], "budget": "steps=4", "eval_lens": [4], "settings": {"cell": ["rnn"], "hidden_size": [3], "num_layers": [1], "bidirectional": [false], "dropout": [0.0], "head": ["mean"], "gru_variant": ["reset_after"], "forget_bias": [1.0], "carry_state": [false], "class_weights": ["none"], "batch_size": [16], "lr": [0.001], "sampling": ["blocks"], "optimizer": ["adam", "adam_pytorch"], "momentum": [0.0], "nesterov": [false], "weight_decay": [0.0], "clip_norm": [null], "schedule": ["constant"], "warmup_steps": [0], "patience": [null], "validate_every": [null], "ema_decay": [null], "initializer": ["glorot"], "engine": ["simd"], "device": ["cpu"], "tf32": [false]}, "more_seeds": {}, "looks": []}');
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
    "head",
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
    "schedule",
    "warmup_steps",
    "patience",
    "validate_every",
    "ema_decay",
    "initializer",
    "engine",
    "device",
    "tf32",
    "network",
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
INSERT INTO "runs" VALUES(1,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 0, "seq_len": 4, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',4,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',0,'adam',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',1.11111111111111104943e-01,1.11111111111111104943e-01,7.3265456491046476728e-01,1.11111111111111104943e-01,1.11111111111111104943e-01,7.3761653237872648603e-01,1,4,'steps',256,20736,5184,14828,1.70690400000239606015e-03,0.000426726000000599,5.92939630000728357117e-02,'host:1','2026-11-29T01:55:50+00:00');
INSERT INTO "runs" VALUES(2,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 1, "seq_len": 4, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',4,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',1,'adam',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',2.22222222222222209886e-01,2.22222222222222209886e-01,1.09857493307855391684e+00,4.44444444444444419772e-01,4.44444444444444419772e-01,9.39954343769285438625e-01,1,4,'steps',256,20736,5184,14828,1.03436370000054012052e-02,2.58590925000135030131e-03,0.0695479709997926,'host:1','2026-11-29T01:55:50+00:00');
INSERT INTO "runs" VALUES(3,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam_pytorch", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 0, "seq_len": 4, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',4,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',0,'adam_pytorch',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',1.11111111111111104943e-01,1.11111111111111104943e-01,7.32654584778679729417e-01,1.11111111111111104943e-01,1.11111111111111104943e-01,7.3761653900146484375e-01,1,4,'steps',256,20736,5184,14828,3.88580899971202597953e-03,9.71452249928006494883e-04,9.37303729997438495047e-02,'host:1','2026-11-29T01:55:50+00:00');
INSERT INTO "runs" VALUES(4,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam_pytorch", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 1, "seq_len": 4, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',4,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',1,'adam_pytorch',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',2.22222222222222209886e-01,2.22222222222222209886e-01,1.09857489665349317142e+00,4.44444444444444419772e-01,4.44444444444444419772e-01,9.39954294098748088792e-01,1,4,'steps',256,20736,5184,14828,9.58297799979845876805e-03,2.39574449994961469201e-03,9.46466420000433572567e-02,'host:1','2026-11-29T01:55:50+00:00');
INSERT INTO "runs" VALUES(5,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 0, "seq_len": 2, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',2,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',0,'adam',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',4.81481481481481454753e-01,4.81481481481481454753e-01,7.08457145426008350064e-01,3.70370370370370405321e-01,3.70370370370370405321e-01,7.42637561427222481214e-01,1,4,'steps',128,11520,2880,11308,8.17748499957815511152e-03,2.04437124989453877788e-03,1.24707740999838279094e-01,'host:1','2026-11-29T01:55:50+00:00');
INSERT INTO "runs" VALUES(6,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 1, "seq_len": 2, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',2,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',1,'adam',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',4.44444444444444419772e-01,4.44444444444444419772e-01,8.69750804371303920525e-01,2.96296296296296279848e-01,2.96296296296296279848e-01,0.909126270700384,1,4,'steps',128,11520,2880,11308,4.3515990000742021948e-03,1.0878997500185505487e-03,1.32801289000326505629e-01,'host:1','2026-11-29T01:55:50+00:00');
INSERT INTO "runs" VALUES(7,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam_pytorch", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 0, "seq_len": 2, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',2,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',0,'adam_pytorch',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',4.81481481481481454753e-01,4.81481481481481454753e-01,7.08457076991045875402e-01,3.70370370370370405321e-01,3.70370370370370405321e-01,7.42637323008643379651e-01,1,4,'steps',128,11520,2880,11308,1.88896400004523457027e-03,4.72241000011308642569e-04,9.80907170001046324614e-02,'host:1','2026-11-29T01:55:50+00:00');
INSERT INTO "runs" VALUES(8,'{"batch_size": 16, "bidirectional": false, "carry_state": false, "cell": "rnn", "class_weights": "none", "clip_norm": null, "data": "remainders", "device": "cpu", "dropout": 0.0, "ema_decay": null, "engine": "simd", "epochs": 2, "forget_bias": 1.0, "gru_variant": "reset_after", "head": "mean", "hidden_size": 3, "initializer": "glorot", "lr": 0.001, "momentum": 0.0, "nesterov": false, "network": null, "num_layers": 1, "optimizer": "adam_pytorch", "patience": null, "sampling": "blocks", "schedule": "constant", "seed": 1, "seq_len": 2, "steps": 4, "tf32": false, "validate_every": null, "warmup_steps": 0, "weight_decay": 0.0}','finished',NULL,'remainders',2,'rnn',3,1,0,0.0,'mean','reset_after',1.0,0,'none',16,0.001,2,4,'blocks',1,'adam_pytorch',0.0,0,0.0,NULL,'constant',0,NULL,NULL,NULL,'glorot','simd','cpu',0,NULL,'accuracy',4.44444444444444419772e-01,4.44444444444444419772e-01,8.69750857353210560241e-01,2.96296296296296279848e-01,2.96296296296296279848e-01,9.09126297191337418013e-01,1,4,'steps',128,11520,2880,11308,1.27904699957070988602e-03,3.19761749892677471507e-04,1.11074407000160135794e-01,'host:1','2026-11-29T01:55:51+00:00');
COMMIT;
