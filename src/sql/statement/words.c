/* words.c - the lists. Those of pictures are common nouns of things one can see, with some colours,
 * places and occasions; the four say about the same.
 */
#include "sql/statement/words.h"

#include <string.h>
#include <strings.h>

const char *const WORDS_LANGUAGES[] = {"en", "ko", "ja", "zh", NULL};

// clang-format off
static const char *const ENGLISH[] = {
    "person", "man", "woman", "child", "baby", "boy", "girl", "family", "crowd", "face", "eye",
    "hand", "foot", "hair", "smile", "animal", "dog", "cat", "horse", "cow", "sheep", "pig", "goat",
    "bird", "chicken", "duck", "owl", "fish", "whale", "shark", "frog", "snake", "turtle", "lizard",
    "insect", "butterfly", "bee", "spider", "mouse", "rabbit", "squirrel", "fox", "wolf", "bear",
    "lion", "tiger", "elephant", "monkey", "giraffe", "zebra", "deer", "dinosaur", "dragon", "tree",
    "leaf", "flower", "rose", "grass", "forest", "garden", "fruit", "apple", "banana", "orange",
    "grape", "strawberry", "vegetable", "carrot", "mushroom", "food", "meal", "bread", "cake",
    "pizza", "cheese", "egg", "meat", "rice", "soup", "sushi", "ice cream", "candy", "coffee",
    "tea", "beer", "wine", "bottle", "cup", "plate", "fork", "knife", "spoon", "kitchen", "table",
    "chair", "sofa", "bed", "lamp", "door", "window", "house", "building", "tower", "castle",
    "church", "temple", "bridge", "street", "road", "city", "village", "shop", "school", "office",
    "hospital", "factory", "station", "park", "playground", "beach", "sea", "wave", "river",
    "lake", "waterfall", "mountain", "hill", "desert", "island", "snow", "ice", "rain", "cloud",
    "sky", "sunset", "sun", "moon", "star", "night", "fire", "smoke", "lightning", "rainbow",
    "car", "bus", "truck", "train", "tram", "bicycle", "motorcycle", "airplane", "helicopter",
    "rocket", "boat", "ship", "ball", "football", "basketball", "tennis", "baseball", "skiing",
    "swimming", "running", "dance", "music", "guitar", "piano", "drum", "violin", "trumpet",
    "toy", "doll", "robot", "game", "book", "newspaper", "letter", "pen", "pencil", "paper",
    "text", "number", "sign", "map", "flag", "painting", "drawing", "photograph", "logo", "icon",
    "screen", "computer", "keyboard", "phone", "camera", "television", "radio", "clock", "watch",
    "key", "lock", "hammer", "scissors", "tool", "machine", "wheel", "box", "bag", "umbrella",
    "glasses", "hat", "shirt", "dress", "shoe", "coat", "ring", "necklace", "crown", "mask",
    "gift", "balloon", "candle", "wedding", "birthday", "Christmas", "party", "heart", "circle",
    "square", "triangle", "line", "pattern", "red", "blue", "green", "yellow", "black", "white",
    NULL};

static const char *const KOREAN[] = {
    "사람", "남자", "여자", "아이", "아기", "가족", "군중", "얼굴", "눈", "손", "발", "머리카락", "미소", "동물",
    "개", "고양이", "말", "소", "양", "돼지", "염소", "새", "닭", "오리", "부엉이", "물고기", "고래", "상어", "개구리",
    "뱀", "거북이", "곤충", "나비", "벌", "거미", "쥐", "토끼", "다람쥐", "여우", "늑대", "곰", "사자", "호랑이",
    "코끼리", "원숭이", "기린", "얼룩말", "사슴", "공룡", "용", "나무", "잎", "꽃", "장미", "풀", "숲", "정원", "과일",
    "사과", "바나나", "오렌지", "포도", "딸기", "채소", "당근", "버섯", "음식", "빵", "케이크", "피자", "치즈", "달걀",
    "고기", "밥", "국", "초밥", "아이스크림", "사탕", "커피", "차", "맥주", "포도주", "병", "컵", "접시", "포크", "칼",
    "숟가락", "부엌", "식탁", "의자", "소파", "침대", "전등", "문", "창문", "집", "건물", "탑", "성", "교회", "절",
    "다리", "거리", "길", "도시", "마을", "가게", "학교", "사무실", "병원", "공장", "역", "공원", "놀이터", "해변", "바다",
    "파도", "강", "호수", "폭포", "산", "언덕", "사막", "섬", "얼음", "비", "구름", "하늘", "노을", "해", "달", "별",
    "밤", "불", "연기", "번개", "무지개", "자동차", "버스", "트럭", "기차", "자전거", "오토바이", "비행기", "헬리콥터",
    "로켓", "배", "공", "축구", "농구", "테니스", "야구", "스키", "수영", "달리기", "춤", "음악", "기타", "피아노", "북",
    "바이올린", "나팔", "장난감", "인형", "로봇", "놀이", "책", "신문", "편지", "펜", "연필", "종이", "글자", "숫자",
    "표지판", "지도", "깃발", "그림", "사진", "화면", "컴퓨터", "자판", "전화", "카메라", "텔레비전", "라디오", "시계",
    "열쇠", "자물쇠", "망치", "가위", "도구", "기계", "바퀴", "상자", "가방", "우산", "안경", "모자", "셔츠", "치마",
    "신발", "외투", "반지", "목걸이", "왕관", "가면", "선물", "풍선", "촛불", "결혼식", "생일", "크리스마스", "잔치",
    "하트", "원", "네모", "세모", "선", "무늬", "빨강", "파랑", "초록", "노랑", "검정", "하양", NULL};

static const char *const JAPANESE[] = {
    "人", "男", "女", "子供", "赤ちゃん", "家族", "群衆", "顔", "目", "手", "足", "髪", "笑顔", "動物", "犬", "猫",
    "馬", "牛", "羊", "豚", "山羊", "鳥", "鶏", "鴨", "フクロウ", "魚", "鯨", "鮫", "蛙", "蛇", "亀", "昆虫", "蝶",
    "蜂", "蜘蛛", "ネズミ", "ウサギ", "リス", "狐", "狼", "熊", "ライオン", "虎", "象", "猿", "キリン", "シマウマ",
    "鹿", "恐竜", "龍", "木", "葉", "花", "バラ", "草", "森", "庭", "果物", "りんご", "バナナ", "オレンジ", "ぶどう",
    "いちご", "野菜", "にんじん", "きのこ", "食べ物", "パン", "ケーキ", "ピザ", "チーズ", "卵", "肉", "ご飯", "スープ",
    "寿司", "アイスクリーム", "飴", "コーヒー", "お茶", "ビール", "ワイン", "瓶", "カップ", "皿", "フォーク", "ナイフ",
    "スプーン", "台所", "机", "椅子", "ソファ", "ベッド", "ランプ", "ドア", "窓", "家", "建物", "塔", "城", "教会",
    "寺", "橋", "通り", "道", "都市", "村", "店", "学校", "事務所", "病院", "工場", "駅", "公園", "遊び場", "浜辺",
    "海", "波", "川", "湖", "滝", "山", "丘", "砂漠", "島", "雪", "氷", "雨", "雲", "空", "夕焼け", "太陽", "月", "星",
    "夜", "火", "煙", "稲妻", "虹", "車", "バス", "トラック", "電車", "自転車", "オートバイ", "飛行機",
    "ヘリコプター", "ロケット", "船", "ボール", "サッカー", "バスケットボール", "テニス", "野球", "スキー", "水泳",
    "踊り", "音楽", "ギター", "ピアノ", "太鼓", "バイオリン", "おもちゃ", "人形", "ロボット", "ゲーム", "本", "新聞",
    "手紙", "ペン", "鉛筆", "紙", "文字", "数字", "標識", "地図", "旗", "絵", "写真", "画面", "コンピュータ", "電話",
    "カメラ", "テレビ", "ラジオ", "時計", "鍵", "金槌", "はさみ", "道具", "機械", "車輪", "箱", "鞄", "傘", "眼鏡",
    "帽子", "シャツ", "ドレス", "靴", "コート", "指輪", "王冠", "仮面", "贈り物", "風船", "ろうそく", "結婚式",
    "誕生日", "クリスマス", "ハート", "円", "四角", "三角", "線", "模様", "赤", "青", "緑", "黄色", "黒", "白", NULL};

static const char *const CHINESE[] = {
    "人", "男人", "女人", "孩子", "婴儿", "家庭", "人群", "脸", "眼睛", "手", "脚", "头发", "微笑", "动物", "狗", "猫",
    "马", "牛", "羊", "猪", "鸟", "鸡", "鸭子", "猫头鹰", "鱼", "鲸鱼", "鲨鱼", "青蛙", "蛇", "乌龟", "昆虫", "蝴蝶",
    "蜜蜂", "蜘蛛", "老鼠", "兔子", "松鼠", "狐狸", "狼", "熊", "狮子", "老虎", "大象", "猴子", "长颈鹿", "斑马", "鹿",
    "恐龙", "龙", "树", "叶子", "花", "玫瑰", "草", "森林", "花园", "水果", "苹果", "香蕉", "橙子", "葡萄", "草莓",
    "蔬菜", "胡萝卜", "蘑菇", "食物", "面包", "蛋糕", "披萨", "奶酪", "鸡蛋", "肉", "米饭", "汤", "寿司", "冰淇淋",
    "糖果", "咖啡", "茶", "啤酒", "葡萄酒", "瓶子", "杯子", "盘子", "叉子", "刀", "勺子", "厨房", "桌子", "椅子",
    "沙发", "床", "灯", "门", "窗户", "房子", "建筑", "塔", "城堡", "教堂", "寺庙", "桥", "街道", "道路", "城市",
    "村庄", "商店", "学校", "办公室", "医院", "工厂", "车站", "公园", "海滩", "大海", "波浪", "河", "湖", "瀑布",
    "山", "沙漠", "岛", "雪", "冰", "雨", "云", "天空", "日落", "太阳", "月亮", "星星", "夜晚", "火", "烟", "闪电",
    "彩虹", "汽车", "公共汽车", "卡车", "火车", "自行车", "摩托车", "飞机", "直升机", "火箭", "船", "球", "足球",
    "篮球", "网球", "棒球", "滑雪", "游泳", "舞蹈", "音乐", "吉他", "钢琴", "鼓", "小提琴", "玩具", "娃娃", "机器人",
    "游戏", "书", "报纸", "信", "钢笔", "铅笔", "纸", "文字", "数字", "标志", "地图", "旗帜", "画", "照片", "屏幕",
    "电脑", "电话", "相机", "电视", "收音机", "钟", "钥匙", "锤子", "剪刀", "工具", "机器", "轮子", "盒子", "包",
    "雨伞", "眼镜", "帽子", "衬衫", "裙子", "鞋", "外套", "戒指", "王冠", "面具", "礼物", "气球", "蜡烛", "婚礼",
    "生日", "圣诞节", "心", "圆形", "正方形", "三角形", "线", "图案", "红色", "蓝色", "绿色", "黄色", "黑色", "白色",
    NULL};

static const char *const STOPPED[] = {
    "a", "an", "the", "and", "or", "but", "nor", "of", "in", "on", "at", "to", "from", "by", "with",
    "without", "for", "as", "into", "onto", "over", "under", "is", "are", "was", "were", "be",
    "been", "being", "am", "do", "does", "did", "has", "have", "had", "it", "its", "this", "that",
    "these", "those", "there", "here", "he", "she", "his", "her", "they", "their", "them", "we",
    "our", "you", "your", "i", "my", "me", "who", "which", "what", "not", "no", "so", "if", "then",
    "than", "very", "can", "will", "would", "some", "any", "all", "each", "one",
    "그", "이", "저", "것", "수", "등", "및", "그리고", "또는", "하지만", "에서", "으로", "있는", "하는",
    "の", "に", "は", "を", "が", "と", "で", "も", "的", "了", "在", "是", "和", "与"};
// clang-format on

const char *const *words_of_pictures(const char *language)
{
    static const char *const *const LISTS[] = {ENGLISH, KOREAN, JAPANESE, CHINESE};
    for (size_t i = 0; WORDS_LANGUAGES[i] != NULL; i++)
        if (strcasecmp(WORDS_LANGUAGES[i], language) == 0) return LISTS[i];
    return NULL;
}

bool words_are_stopped(const char *word, size_t bytes)
{
    for (size_t i = 0; i < sizeof STOPPED / sizeof STOPPED[0]; i++)
        if (strlen(STOPPED[i]) == bytes && memcmp(STOPPED[i], word, bytes) == 0) return true;
    return false;
}
